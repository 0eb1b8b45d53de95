// The few names of a page that the tests use inside `page.evaluate`. The whole of TypeScript's DOM library would stand in the
// way of Node's own, which the code under test is written against.
interface PageElement {
  readonly id: string;
  getAttribute(name: string): string | null;
  readonly textContent: string | null;
  readonly tagName: string;
  readonly scrollWidth: number;
}

interface PolicyViolation {
  readonly effectiveDirective: string;
  readonly blockedURI: string;
  readonly sourceFile: string;
  readonly lineNumber: number;
  readonly sample: string;
}

declare const document: {
  readonly activeElement: PageElement | null;
  readonly documentElement: PageElement;
  readonly cookie: string;
  addEventListener(name: "securitypolicyviolation", listener: (event: PolicyViolation) => void): void;
};
declare const window: unknown;
declare const history: { pushState(state: unknown, unused: string, url: string): void };
declare const innerWidth: number;
declare class PopStateEvent extends Event {}
declare function dispatchEvent(event: Event): boolean;
declare const scrollY: number;
