const sizes: [string, number][] = [
  ['GiB', 1_073_741_824],
  ['MiB', 1_048_576],
  ['KiB', 1_024],
];

/** "1.2 MiB", "812 bytes" */
export function bytesText(bytes: number): string {
  const [unit, size] = sizes.find(([, each]) => bytes >= each) ?? ['bytes', 1];
  return size === 1 ? `${bytes} ${unit}` : `${(bytes / size).toFixed(1)} ${unit}`;
}
