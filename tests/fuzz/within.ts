/** Waits for something with a deadline. */

/** Resolves with what `work` resolves with, or with what `late` returns if it has not within the time. */
export async function within<T>(ms: number, { work, late }: { work: Promise<T>; late: () => T }): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<"late">((resolve) => timer = setTimeout(() => resolve("late"), ms));
  try {
    const first = await Promise.race([work.then((value) => ({ value })), deadline]);
    return first === "late" ? late() : first.value;
  } finally {
    clearTimeout(timer);
  }
}
