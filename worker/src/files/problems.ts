/** Problems of files, in the words of the Xet service. */

import type { Problem } from "../problems";

export const BAD_NAME: Problem = {
  code: "bad-name",
  status: 422,
  detail: "This is no name of a repository, revision, file or hash.",
  remedy: "Ask as /download/{owner}/{repo}/{path}, or /download-hash/{64 hexadecimal digits}.",
};

export const CHANGED: Problem = {
  code: "changed",
  status: 412,
  detail: "The file is not, or no more, the one that If-Match names.",
  remedy: "Ask again without If-Match, and begin anew.",
};

export const BAD_RANGE: Problem = {
  code: "range-not-satisfiable",
  status: 416,
  detail: "The file has no bytes in this range.",
  remedy: "Ask for bytes within the size that Content-Range names.",
};

/** Of a file that is to be fetched ahead. */
export const NOT_KEPT: Problem = {
  code: "invalid-option",
  status: 422,
  detail: "Nothing here would keep this file.",
  remedy: "Ask for the file itself, at /download, or have a bucket for files set up.",
};

/** Of a file that is fetched ahead: another try may do. */
export const NOT_FETCHED: Problem = {
  code: "upstream-failed",
  status: 502,
  detail: "The hub, or the bucket that was to keep the file, failed.",
  remedy: "Try again; if it happens again, look at the hub's status page.",
};
