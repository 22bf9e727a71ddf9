#pragma once

#include <string>
#include <string_view>

namespace evidenced {

/// The last line of defence of the log and of error answers: replaces with "[redacted]" whatever
/// looks like a secret: Atlassian tokens (`ATATT…`, `ATBB…`, `ATCTT…`), our API keys (`ev_…`), the
/// value after `Basic` or `Bearer`, and the capability of a calendar behind `/v1/calendar/`. It is
/// no licence to log secrets: what looks like none passes.
std::string redact(std::string_view text);

}  // namespace evidenced
