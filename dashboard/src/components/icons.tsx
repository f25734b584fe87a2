// The few icons, drawn here: 16 by 16, stroked in the colour of the text around them.
const shapes = {
  outgoing: 'M5 11 11.5 4.5M6.5 4.5h5v5',
  incoming: 'M11 5 4.5 11.5M4.5 6.5v5h5',
  back: 'M9.5 3.5 5 8l4.5 4.5',
  next: 'M6.5 3.5 11 8l-4.5 4.5',
  pause: 'M5.5 4v8M10.5 4v8',
  play: 'M5 3.800v8.400L12 8z',
  search:
    'M7.200 11.400a4.200 4.200 0 1 0 0-8.400 4.200 4.200 0 0 0 0 8.400M10.400 10.400 13.200 13.200',
  copy: 'M6 5.5h6.5V13H6zM4 10.5H3.5V3H10v.5',
  done: 'M3.5 8.5 6.5 11.5 12.5 4.800',
  warning: 'M8 2.800 14 13H2zM8 6.600v3M8 11.300v.2',
  close: 'M4.200 4.200l7.600 7.600M11.800 4.200l-7.600 7.600',
  up: 'M8 12.5v-9M4.200 7 8 3.200 11.800 7',
  plus: 'M8 3.500v9M3.500 8h9',
  minus: 'M3.500 8h9',
  columns: 'M2.500 3.500h11v9h-11zM6.200 3.500v9M9.800 3.500v9',
  download: 'M8 2.500v7.500M4.800 7 8 10.200 11.200 7M3 13.200h10',
  history: 'M3 8a5 5 0 1 0 1.500-3.600L3 6M3 3v3h3M8 5.500V8l1.800 1.200',
  filter: 'M2.500 4h11M4.500 8h7M6.500 12h3',
  down: 'M4.500 6.500 8 10l3.500-3.500',
  clock: 'M8 2.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11M8 5v3.200l2 1.300',
  lock: 'M4 7.500h8V13H4zM5.700 7.500V5.300a2.300 2.300 0 0 1 4.600 0v2.200',
  overview: 'M2.500 13.500h11M4 11V8M7 11V3.500M10 11V6M13 11V9',
  requests: 'M2.500 4h11M2.500 8h11M2.500 12h7',
  redaction: 'M2.500 4.500h11M2.500 11.500h6M2.500 7h7v2.200h-7zM12 8h1.500',
  settings:
    'M3 4.500h5M11.500 4.500H13M3 11.500h1.500M8 11.500h5M9.800 2.800v3.400M6.200 9.800v3.400',
  leave: 'M6.500 3H3v10h3.500M10 5l3 3-3 3M13 8H6.500',
  help: 'M5.800 6a2.200 2.200 0 1 1 3.300 1.900c-.8.5-1.100.9-1.100 1.700M8 12v.2',
} as const;

export type IconName = keyof typeof shapes;

export function Icon({ name, label }: { name: IconName; label?: string }) {
  const meaning = label ? ({ role: 'img', 'aria-label': label } as const) : { 'aria-hidden': true };
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" {...meaning}>
      <path d={shapes[name]} />
    </svg>
  );
}

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" width="24" height="24" aria-hidden>
      <rect width="32" height="32" rx="8" />
      <path d="M8 12h13M17 7.5l4.5 4.5L17 16.5M24 20H11M15 15.5 10.5 20l4.5 4.5" />
    </svg>
  );
}
