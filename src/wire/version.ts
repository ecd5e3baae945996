/** The version of Tidings: the one place that states it. */
export const VERSION = "0.1.0";
