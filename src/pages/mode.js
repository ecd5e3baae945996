/** Whether a publisher has to show a key: in development mode, the service serves `false`. */
export const needsKey = true;
