/** The course of a single value: a line without axes, its area faint. */
export function Sparkline({ values }: { values: readonly number[] }) {
  if (values.length < 2) return null;
  const [width, height] = [100, 20];
  const most = Math.max(...values, 0);
  const place = (value: number, at: number) =>
    `${((at / (values.length - 1)) * width).toFixed(2)},${(height - 1 - (most === 0 ? 0 : value / most) * (height - 2)).toFixed(2)}`;
  const points = values.map(place).join(" ");
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className="block size-full text-accent"
      aria-hidden="true"
      data-sparkline=""
    >
      <polygon points={`0,${height} ${points} ${width},${height}`} className="fill-current opacity-15" />
      <polyline
        points={points}
        fill="none"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
        className="stroke-current"
      />
    </svg>
  );
}
