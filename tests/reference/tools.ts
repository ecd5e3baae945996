/** The tools of npm that read the API documents in tests, at fixed versions. */

/**
 * They run without the project's configuration, so that their packages do not become the project's dependencies. One
 * of them needs an older TypeScript.
 */
export const TOOLS = {
  asyncapiParser: "npm:@asyncapi/parser@3.6.3",
  openapiFetch: "npm:openapi-fetch@0.17.0",
  openapiTypescript: "npm:openapi-typescript@7.13.0",
  redocly: "npm:@redocly/cli@2.77.0",
} as const;
