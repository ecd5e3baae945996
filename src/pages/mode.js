/** Whether publishers need a key. In development mode the service serves `false` instead. */
export const needsKey = true;
