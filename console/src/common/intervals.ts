/** How often a source may be synced: what the console offers. The API takes any from a minute to 31 days. */
export const intervals = ['PT15M', 'PT30M', 'PT1H', 'PT2H', 'PT6H', 'PT12H', 'P1D', 'P7D'];
