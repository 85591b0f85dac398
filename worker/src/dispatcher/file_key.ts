/** What a path of Xet is about: the file, the same by each way to name it. */

/** A file's name in a request for its content; undefined where the request is for something else. */
export function fileKey({ pathname, searchParams }: URL): string | undefined {
  const [, first, ...rest] = decoded(pathname).split("/");
  if (first === "download-hash") return rest.join("/").toLowerCase();
  if (first === "download") return `${rest.join("/")}@${searchParams.get("revision") || "main"}`;
  // As sent: a revision may hold slashes once it is decoded.
  const [name, after] = cut(pathname, "/resolve/");
  if (after === undefined) return undefined;
  const [revision, path = ""] = cut(after, "/");
  return `${decoded(name.slice(1))}/${decoded(path)}@${decoded(revision)}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function cut(text: string, at: string): [string, string | undefined] {
  const index = text.indexOf(at);
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + at.length)];
}
