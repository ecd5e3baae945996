/** The variables that only the command line reads. The service ignores them, and says so. */

export const COMMAND_LINE_VARIABLES = ["TIDINGS_URL", "TIDINGS_KEY", "TIDINGS_KEY_FILE"] as const;

/** Splits the variables of a process into those of the service, and the names of those of the command line. */
export function separateCommandLine(
  environment: Readonly<Record<string, string | undefined>>,
): { readonly service: Record<string, string | undefined>; readonly ignored: readonly string[] } {
  const ignored = COMMAND_LINE_VARIABLES.filter((name) => (environment[name] ?? "").trim() !== "");
  const service = Object.entries(environment).filter(([name]) =>
    !COMMAND_LINE_VARIABLES.some((other) => other === name)
  );
  return { service: Object.fromEntries(service), ignored };
}
