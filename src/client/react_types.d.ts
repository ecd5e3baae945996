/** The types of the React functions that the hook calls, because React's package has no types. */

export function useEffect(effect: () => () => void, dependencies: readonly unknown[]): void;
export function useRef<T>(initial: T): { current: T };
export function useState<T>(initial: T): [T, (next: T | ((before: T) => T)) => void];
