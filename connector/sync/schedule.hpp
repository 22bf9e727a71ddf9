#pragma once

#include "config/time.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace evidenced::connector {

/// The place of `id` in a cycle: the same in every process, evenly spread over [0, cycle).
std::chrono::milliseconds phase_of(std::string_view id, std::chrono::seconds cycle);

/// Cycles are counted from 1970 and shifted by the phase of `id`. The last start of a cycle that is
/// not after `now`, and the first one after it: the `next_run_at` of a source whose interval is
/// `cycle`.
Timestamp last_slot(std::string_view id, std::chrono::seconds cycle, Timestamp now);
Timestamp next_slot(std::string_view id, std::chrono::seconds cycle, Timestamp now);

/// When a source runs next. An appointment further away than one interval was made by a clock that
/// went back, or for a longer interval: it is made anew. Without one, the next slot.
Timestamp appointment(std::string_view source_id, std::chrono::seconds interval,
                      std::optional<Timestamp> stored, Timestamp now);

/// Whether a thing that is visited once in a cycle is due: its slot has come since the last visit.
/// A visit in the future (the clock went back) counts as none once it is more than a cycle away.
bool rotation_due(std::string_view id, std::chrono::seconds cycle,
                  std::optional<Timestamp> last_visit, Timestamp now);

}  // namespace evidenced::connector
