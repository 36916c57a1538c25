/** Where new secrets are kept: in `.env` beside the configuration, or in the configuration itself. */
export const STORES = ["env", "file"] as const;

export type Store = (typeof STORES)[number];
