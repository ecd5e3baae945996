export const UNSEEN: Record<string, string> = {};
