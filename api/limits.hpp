#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace evidenced::api::limits {

// What a client may ask of the API (reference: quality, section 2).

inline constexpr std::size_t json_body = 1024 * 1024;
inline constexpr std::size_t json_depth = 32;
inline constexpr std::size_t json_keys = 10'000;           ///< members of one object
inline constexpr std::size_t json_string = 256 * 1024;     ///< bytes, decoded
inline constexpr std::size_t json_values = 50'000;         ///< in one body: bounds its memory
inline constexpr std::size_t errors_in_an_answer = 1'000;  ///< further ones are not listed

inline constexpr std::size_t hook_body = 256 * 1024;      ///< Bitbucket sends nothing larger
inline constexpr std::chrono::minutes refusals_noted{1};  ///< between two notes of them, of a hook

inline constexpr std::int64_t page_default = 50;
inline constexpr std::int64_t page_maximum = 500;
inline constexpr std::chrono::hours cursor_life{24};
inline constexpr std::size_t list_cache_bytes = 4 * 1024 * 1024;  ///< pages of lists kept as sent
inline constexpr std::chrono::seconds wait_maximum{60};
inline constexpr std::chrono::milliseconds feed_look{500};    ///< between two looks at the feed
inline constexpr std::chrono::seconds event_stream_sign{15};  ///< of life, when nothing happens
inline constexpr std::chrono::hours event_stream_life{1};     ///< then the client comes back
inline constexpr std::size_t idempotency_key_length = 255;

inline constexpr int overview_syncs = 60;         ///< of each source
inline constexpr int related_shown = 5;           ///< of each relation; all are counted
inline constexpr std::size_t search_least = 2;    ///< characters of ?q
inline constexpr std::size_t search_most = 250;   ///< bytes
inline constexpr std::int64_t facet_values = 50;  ///< of each facet, unless asked for more
inline constexpr std::int64_t facet_values_maximum = 500;
inline constexpr std::int64_t facet_rows =
    2'000'000;  ///< looked at to count what no count is kept of
inline constexpr std::int64_t facet_rows_in_window = 300'000;

inline constexpr std::size_t exports_at_once = 4;       ///< for each key
inline constexpr std::size_t event_streams = 8;         ///< for each key
inline constexpr std::size_t waits = 32;                ///< for each key: requests with ?wait=
inline constexpr std::size_t export_rows = 200;         ///< read in one transaction
inline constexpr std::int64_t changes_scanned = 5'000;  ///< merged pull requests, for one answer
inline constexpr std::chrono::milliseconds changes_scanning{1'000};  ///< for one answer
inline constexpr std::size_t gaps_in_a_header = 50;  ///< of an export; all are counted
inline constexpr std::size_t export_piece = 64 * 1024;

inline constexpr std::int64_t failed_authentications = 10;  ///< a minute, address and key id
inline constexpr std::int64_t anonymous_per_second = 10;    ///< for each address
inline constexpr std::int64_t anonymous_burst = 50;
inline constexpr std::size_t tracked_clients = 10'000;  ///< the oldest are forgotten beyond
inline constexpr std::chrono::seconds authentication_cache{30};

inline constexpr std::chrono::hours token_life{366 * 24};  ///< 365 days, a day for time zones
inline constexpr std::chrono::hours token_life_assumed{365 * 24};
inline constexpr std::chrono::hours key_life{366 * 24};

inline constexpr int drifts = 1000;           ///< of one source that are listed
inline constexpr int expiry_series = 500;     ///< of the metric that names sources
inline constexpr int calendar_events = 1000;  ///< in one calendar: credentials, and ended ones
inline constexpr std::chrono::hours calendar_use_noted{1};  ///< how exact last_used_at is

}  // namespace evidenced::api::limits
