/** Values that the examples of several operations have. */

export const POSITION = "k3v9x0ab-0000000000f";
export const NEXT_POSITION = "k3v9x0ab-0000000000g";
export const ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
export const JTI = "Vq6cG1n0T0m2s4h8b3yD5w";

/** The keys of RFC 8291, appendix A. */
export const VAPID_KEY =
  "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
export const P256DH =
  "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
export const AUTH = "BTBZMqHH6r4Tts7J_aSIgg";
export const ENDPOINT = "https://fcm.googleapis.com/fcm/send/dGhlIGJyb3dzZXI";
export const SUBSCRIPTION_ID = "0nOGY1TfbYdO4ZpHVmdnPg";
