/** Counts how often a text is in the files of a folder, as bytes. */

import { Buffer } from "node:buffer";

export function countInFolder(folder: string, text: string): number {
  let count = 0;
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) count += countInFolder(path, text);
    else count += countIn(readIfExists(path), text);
  }
  return count;
}

function countIn(bytes: Buffer, text: string): number {
  let count = 0;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) count++;
  return count;
}

/** SQLite and NATS remove files of their own at any time. */
function readIfExists(path: string): Buffer {
  try {
    return Buffer.from(Deno.readFileSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return Buffer.alloc(0);
    throw error;
  }
}
