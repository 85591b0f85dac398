/** Waiting that has an end. */

/** What a promise comes to, or a rejection after so many milliseconds. The promise itself goes on. */
export function within<Result>(limit: number, promise: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${limit} ms`)), limit);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer ?? null));
}
