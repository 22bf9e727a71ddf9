/** What the daemon is linked with; its packages carry the texts. */
export const libraries = [
  { name: 'Boost (Asio, Beast, JSON, URL)', licence: 'BSL-1.0', use: 'network, HTTP, JSON' },
  { name: 'CLI11', licence: 'BSD-3-Clause', use: 'command line' },
  { name: 'date', licence: 'MIT', use: 'calendar' },
  { name: '{fmt}', licence: 'MIT', use: 'texts' },
  { name: 'OpenSSL', licence: 'Apache-2.0', use: 'TLS, hashes, encryption' },
  { name: 'spdlog', licence: 'MIT', use: 'log' },
  { name: 'SQLite', licence: 'Public domain', use: 'database' },
  { name: 'toml++', licence: 'MIT', use: 'configuration' },
  { name: 'zlib', licence: 'Zlib', use: 'compression' },
  { name: 'Zstandard', licence: 'BSD-3-Clause', use: 'compression' },
  { name: 'Red Hat Text, Display and Mono', licence: 'OFL-1.1', use: 'fonts of the console' },
];
