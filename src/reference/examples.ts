/** Values that the examples of several operations have. */

export const POSITION = "k3v9x0ab-0000000000f";
export const NEXT_POSITION = "k3v9x0ab-0000000000g";
export const ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
