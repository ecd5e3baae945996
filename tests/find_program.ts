/** Finds a program that tests need: at its usual path in Debian, or where an environment variable says. */

export interface TestProgram {
  readonly path: string;
  /** Defines a test that needs the program. Without it the test is ignored, except in CI, where it fails. */
  readonly test: typeof Deno.test | typeof Deno.test.ignore;
}

/** Looks for a program, and prints which tests are skipped if it is missing. */
export function findProgram(
  name: string,
  { variable, defaultPath }: { variable: string; defaultPath: string },
): TestProgram {
  const path = Deno.env.get(variable) ?? defaultPath;
  if (Deno.env.get("CI") || isFile(path)) return { path, test: Deno.test };
  console.log(`Skipping the tests that need ${name}: ${path} does not exist. Set ${variable} to its path.`);
  return { path, test: Deno.test.ignore };
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
