// Makers of metrics that read their value when they are asked.
import { Counter, Gauge, type Registry } from "prom-client";

export type ByLabel = ReturnType<typeof readers>["byLabel"];

export function readers(registers: Registry[]) {
  return {
    gauge(name: string, help: string, read: () => number): void {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },
    counter(name: string, help: string, read: () => number): void {
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    },
    byLabel(name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void {
      new Gauge({
        name,
        help,
        labelNames: [label],
        registers,
        collect() {
          // What is gone must not stay at its last value.
          this.reset();
          for (const [value, number] of Object.entries(read())) this.set({ [label]: value }, number);
        },
      });
    },
  };
}
