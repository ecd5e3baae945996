/** A program that tests need and do not bring along: where Debian has it, or where a variable says. */

export interface Installed {
  /** Where it is, or ought to be. */
  readonly path: string;
  /** Defines a test that needs it. Where tests count (CI is set), a program that is not there is no excuse. */
  readonly test: typeof Deno.test | typeof Deno.test.ignore;
}

/** Looks for it, and says what is not tested if it is not there. */
export function installed(what: string, { variable, at }: { variable: string; at: string }): Installed {
  const path = Deno.env.get(variable) ?? at;
  if (Deno.env.get("CI") || isThere(path)) return { path, test: Deno.test };
  console.log(`What needs ${what} is not tested: there is no ${path}. Set ${variable} to where it is.`);
  return { path, test: Deno.test.ignore };
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
