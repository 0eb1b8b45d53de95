import { create } from "qrcode";
import type { ReactNode } from "react";

/** Modules of white around the code, as ISO/IEC 18004 §9.1 asks. */
const QUIET_ZONE = 4;

/** A QR code as one SVG path made by React: no markup from elsewhere is inserted, and no style is inline. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const { size, data } = create(text, { errorCorrectionLevel: "M" }).modules;
  const side = size + 2 * QUIET_ZONE;
  return (
    <svg className="qr-code" viewBox={`0 0 ${side} ${side}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={side} height={side} fill="#ffffff" />
      <path d={darkModules(size, data)} fill="#000000" />
    </svg>
  );
}

function darkModules(size: number, data: Uint8Array): string {
  const squares: string[] = [];
  data.forEach((isDark, index) => {
    if (isDark === 0) return;
    const column = (index % size) + QUIET_ZONE;
    const row = Math.floor(index / size) + QUIET_ZONE;
    squares.push(`M${column} ${row}h1v1h-1z`);
  });
  return squares.join("");
}
