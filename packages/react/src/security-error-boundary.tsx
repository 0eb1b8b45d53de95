import { Component, type ErrorInfo, type ReactNode } from "react";

export interface SecurityErrorBoundaryProps {
  /** Shown instead of the children after an error; gets a function that tries again. */
  readonly fallback?: (tryAgain: () => void) => ReactNode;
  /** Told about the error, for example to record it. Nothing of it is ever shown. */
  readonly onError?: (error: unknown, info: ErrorInfo) => void;
  readonly children: ReactNode;
}

/**
 * Keeps an error in one part from leaving a blank page: a value refused by Trusted Types throws while React commits and would
 * unmount everything. Shows no message of the error, which may hold data (ASVS 5.0 16.5.1).
 */
export class SecurityErrorBoundary extends Component<SecurityErrorBoundaryProps, { readonly hasFailed: boolean }> {
  override readonly state = { hasFailed: false };

  static getDerivedStateFromError(): { readonly hasFailed: boolean } {
    return { hasFailed: true };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    this.props.onError?.(error, info);
  }

  readonly #tryAgain = () => this.setState({ hasFailed: false });

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    if (this.props.fallback !== undefined) return this.props.fallback(this.#tryAgain);
    return (
      <div role="alert">
        <p>This part of the page failed and was closed.</p>
        <button type="button" onClick={this.#tryAgain}>
          Try again
        </button>
      </div>
    );
  }
}
