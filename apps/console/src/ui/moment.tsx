// A moment as people say it, with the exact time in the markup.
import { useNow } from "./use-now.ts";

const MS_PER_MINUTE = 60_000;
const MINUTES_PER_HOUR = 60;
const HOURS_PER_DAY = 24;

export function Moment({ at }: { readonly at: number | null }) {
  const now = useNow();
  if (at === null) return <span>never</span>;
  const exact = new Date(at).toISOString();
  return (
    <time dateTime={exact} title={exact}>
      {ago(now - at)}
    </time>
  );
}

export function Clock({ at }: { readonly at: number }) {
  const exact = new Date(at).toISOString();
  return (
    <time dateTime={exact} title={exact} className="clock">
      {new Date(at).toLocaleTimeString([], { hour12: false })}
    </time>
  );
}

export function ago(ms: number): string {
  const minutes = Math.round(ms / MS_PER_MINUTE);
  if (minutes < 1) return "just now";
  if (minutes < MINUTES_PER_HOUR) return `${minutes} min ago`;
  const hours = Math.round(minutes / MINUTES_PER_HOUR);
  if (hours < HOURS_PER_DAY) return `${hours} h ago`;
  return `${Math.round(hours / HOURS_PER_DAY)} d ago`;
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < MINUTES_PER_HOUR) return `${minutes} min`;
  const hours = minutes / MINUTES_PER_HOUR;
  return hours < 2 * HOURS_PER_DAY ? `${tenths(hours)} h` : `${tenths(hours / HOURS_PER_DAY)} d`;
}

const tenths = (value: number): string => value.toFixed(1).replace(/\.0$/, "");
