#include "connector/bitbucket/row_notes.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace evidenced::connector::bitbucket {

namespace {

std::optional<Timestamp> first_time(std::initializer_list<std::string> texts) {
  for (const std::string& text : texts) {
    const std::optional<Timestamp> time = parse_timestamp(text);
    if (time) return time;
  }
  return std::nullopt;
}

RowNote pull_request(const JsonText& object) {
  const std::string state = text_at(object, "state");
  std::string head;
  if (state == "MERGED") head = text_at(object, "source", "commit", "hash");
  return {parse_timestamp(text_at(object, "updated_on")), state == "OPEN", std::move(head)};
}

RowNote activity(const JsonText& object) {
  return {first_time({text_at(object, "update", "date"), text_at(object, "approval", "date"),
                      text_at(object, "changes_requested", "date"),
                      text_at(object, "comment", "created_on")}),
          false,
          {}};
}

bool is_unfinished(const JsonText& object) {
  const std::string state = text_at(object, "state", "name");
  return !state.empty() && state != "COMPLETED";
}

RowNote pipeline(const JsonText& object) {
  return {parse_timestamp(text_at(object, "created_on")), is_unfinished(object),
          text_at(object, "target", "commit", "hash")};
}

/// The documented names of the times differ from those that come.
RowNote deployment(const JsonText& object) {
  return {first_time(
              {text_at(object, "last_update_time"), text_at(object, "state", "completed_on"),
               text_at(object, "state", "completion_date"), text_at(object, "state", "started_on"),
               text_at(object, "state", "start_date"), text_at(object, "release", "created_on")}),
          is_unfinished(object),
          {}};
}

RowNote commit(const JsonText& object) {
  return {parse_timestamp(text_at(object, "date")), false, {}};
}

RowNote build_status(const JsonText& object) {
  return {
      parse_timestamp(text_at(object, "created_on")), text_at(object, "state") == "INPROGRESS", {}};
}

struct Noting {
  std::string_view kind;
  RowNote (*note)(const JsonText&);
};
constexpr Noting notings[] = {
    {"pull_request", pull_request},
    {"pull_request_activity", activity},
    {"pipeline", pipeline},
    {"deployment", deployment},
    {"commit", commit},
    {"build_status", build_status},
};

/// Canonical content is compact, and a quote within a string is escaped: these bytes are a member.
struct Mark {
  std::string_view kind;
  std::string_view bytes;
  bool of_open;  ///< else of those that are finished
};
constexpr Mark marks[] = {
    {"pull_request", R"("state":"OPEN")", true},
    {"pipeline", R"("name":"COMPLETED")", false},
    {"deployment", R"("name":"COMPLETED")", false},
    {"build_status", R"("state":"INPROGRESS")", true},
};

double average_age(std::span<const RowNote> rows, Timestamp from) {
  double sum = 0;
  double count = 0;
  for (const RowNote& row : rows) {
    if (!row.time) continue;
    sum += std::chrono::duration<double>(from - *row.time).count();
    ++count;
  }
  return count == 0 ? 0 : sum / count;
}

}  // namespace

RowNote note_of(std::string_view kind, const JsonText& object) {
  const auto* found = std::ranges::find(notings, kind, &Noting::kind);
  return found == std::end(notings) ? RowNote{} : found->note(object);
}

bool is_open(std::string_view kind, std::string_view content) {
  const auto* mark = std::ranges::find(marks, kind, &Mark::kind);
  return mark != std::end(marks) &&
         (content.find(mark->bytes) != std::string_view::npos) == mark->of_open;
}

bool may_tell_commit(std::string_view kind, std::string_view content) {
  if (kind == "pipeline") return true;
  return kind == "pull_request" && content.find(R"("state":"MERGED")") != std::string_view::npos;
}

bool newest_first(std::span<const RowNote> rows) {
  const auto timed = [](const RowNote& row) { return row.time.has_value(); };
  const auto first = std::ranges::find_if(rows, timed);
  if (first == rows.end()) return true;
  const std::size_t half = rows.size() / 2;
  const auto newer = rows.first(half);
  const auto older = rows.subspan(half);
  if (std::ranges::none_of(newer, timed) || std::ranges::none_of(older, timed)) return true;
  return average_age(newer, *first->time) <= average_age(older, *first->time);
}

}  // namespace evidenced::connector::bitbucket
