/** The URL of a PostgreSQL database, parsed: the servers, how to log in, and whether to use TLS. */

export interface PostgresUrl {
  /** The servers to try in turn, such as the members of a cluster of which one can be written. */
  readonly servers: readonly PostgresServer[];
  readonly user: string;
  readonly password: string | null;
  readonly database: string;
  readonly tls: PostgresTls;
  /** The connection's name in `pg_stat_activity`. */
  readonly applicationName: string;
}

export interface PostgresServer {
  readonly host: string;
  readonly port: number;
}

/** What libpq calls `sslmode`, and the paths of PEM files. Without `ca`, the system's trust store decides. */
export interface PostgresTls {
  readonly mode: TlsMode;
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

/**
 * - `disable`: no TLS.
 * - `prefer`: TLS if the server offers it.
 * - `require`: TLS, without a check of the certificate.
 * - `verify-ca`: the certificate must be trusted.
 * - `verify-full`: it must also be for the host's name.
 */
export type TlsMode = "disable" | "prefer" | "require" | "verify-ca" | "verify-full";

const MODES: Readonly<Record<string, TlsMode>> = {
  "disable": "disable",
  "allow": "prefer", // libpq tries without TLS first, which is no safer
  "prefer": "prefer",
  "require": "require",
  "verify-ca": "verify-ca",
  "verify-full": "verify-full",
};
const OPTIONS = ["sslmode", "sslrootcert", "sslcert", "sslkey", "application_name"];
const DEFAULT_PORT = 5432;

/**
 * Parses `postgres://user:password@a:5432,b/database?sslmode=verify-full&sslrootcert=PATH`, with the options and the
 * defaults of libpq. Returns undefined if the text is not such a URL, or has an option that is not supported.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const url = parsePostgresUrl("postgresql://hamilton:se%2Fcret@a,b:5433/treasury?sslmode=require");
 * assertEquals(url?.servers, [{ host: "a", port: 5432 }, { host: "b", port: 5433 }]);
 * assertEquals([url?.user, url?.password, url?.database], ["hamilton", "se/cret", "treasury"]);
 * assertEquals(url?.tls.mode, "require");
 * ```
 */
export function parsePostgresUrl(text: string): PostgresUrl | undefined {
  const form = /^postgres(?:ql)?:\/\/([^@/?#]+)@([^@/?#]+)(?:\/([^/?#]*))?(?:\?([^#]*))?$/;
  const [, login = "", addresses = "", path = "", query = ""] = form.exec(text) ?? [];
  const [, name = "", secret] = /^([^:]*)(?::(.*))?$/.exec(login) ?? [];
  const user = decode(name), password = decode(secret ?? ""), database = decode(path);
  const servers = addresses.split(",").map(parseServer).filter((server) => server !== undefined);
  const options = parseOptions(query);
  if (!user || password === undefined || database === undefined || options === undefined) return undefined;
  if (servers.length < addresses.split(",").length) return undefined;
  const tls = parseTls(options);
  if (tls === undefined) return undefined;
  return {
    servers,
    user,
    password: password === "" ? null : password,
    database: database === "" ? user : database,
    tls,
    applicationName: options.application_name ?? "tidings",
  };
}

function parseServer(address: string): PostgresServer | undefined {
  const [, bracketed, plain, port = `${DEFAULT_PORT}`] =
    /^(?:\[([\da-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(address) ?? [];
  const host = bracketed ?? plain;
  const isServer = host !== undefined && URL.canParse(`http://${address}`) && Number(port) > 0;
  return isServer ? { host, port: Number(port) } : undefined;
}

/** As in libpq, a certificate of the authority turns `require` into `verify-ca`. */
function parseTls(options: Record<string, string>): PostgresTls | undefined {
  const { sslmode = "prefer", sslrootcert = null, sslcert: cert = null, sslkey: key = null } = options;
  const ca = sslrootcert === "system" ? null : sslrootcert;
  const mode = MODES[sslmode];
  if (mode === undefined || (cert === null) !== (key === null)) return undefined;
  if (sslrootcert === null) return { mode, ca, cert, key };
  if (sslrootcert === "system") return { mode: "verify-full", ca, cert, key };
  return { mode: mode === "require" ? "verify-ca" : mode, ca, cert, key };
}

/** Undefined if an option is unknown, given twice, or empty. */
function parseOptions(query: string): Record<string, string> | undefined {
  const given = [...new URLSearchParams(query)];
  const names = new Set(given.map(([name]) => name));
  const areFine = given.every(([name, value]) => OPTIONS.includes(name) && value !== "");
  return areFine && names.size === given.length ? Object.fromEntries(given) : undefined;
}

/** Undefined if the text is not percent-encoded, or has a character that would end a text in PostgreSQL's protocol. */
function decode(part: string): string | undefined {
  try {
    const text = decodeURIComponent(part);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
