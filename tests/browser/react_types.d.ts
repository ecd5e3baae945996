/** The types of React and of the browser that the application uses. */

export function createElement(type: unknown, properties?: unknown, ...children: unknown[]): unknown;
export const StrictMode: unknown;
export function useState<T>(initial: T): [T, (next: T) => void];
export function createRoot(element: unknown): { render(element: unknown): void };

declare global {
  var document: { readonly body: unknown };
}
