const day = 86_400_000;

/** A day so many days from now, in UTC, as a date field has it: "2026-11-30". */
export const dayText = (now: Date, days = 0) => new Date(now.getTime() + days * day).toISOString().slice(0, 10);

const whole = /^\d{4}-\d{2}-\d{2}$/;

/** Begin and end of a day of a date field, in UTC; null for what is no day. */
export const beginOfDay = (date: string) => (whole.test(date) ? `${date}T00:00:00.000Z` : null);
export const endOfDay = (date: string) => (whole.test(date) ? `${date}T23:59:59.999Z` : null);
