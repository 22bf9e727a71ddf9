#include "evidence/merged_change.hpp"

#include <algorithm>
#include <utility>

namespace evidenced::evidence {

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

/// In the order of Finding.
constexpr std::string_view finding_names[finding_count] = {
    "not_approved",  "self_approved_only", "self_merged", "approved_before_last_commit",
    "checks_failed", "checks_absent"};

struct CheckState {
  std::string_view word;
  std::int64_t Checks::* counter;
};
constexpr CheckState check_states[] = {
    {"SUCCESSFUL", &Checks::successful}, {"FAILED", &Checks::failed},   {"ERROR", &Checks::failed},
    {"STOPPED", &Checks::stopped},       {"EXPIRED", &Checks::stopped},
};

constexpr std::size_t bit(Finding finding) {
  return static_cast<std::size_t>(finding);
}

std::int64_t number_at(const json::value& value, std::string_view name) {
  const json::value* found = member_at(value, {name});
  const std::int64_t* number = found == nullptr ? nullptr : found->if_int64();
  return number == nullptr ? 0 : *number;
}

std::string first_text(std::initializer_list<std::string> texts) {
  for (const std::string& text : texts) {
    if (!text.empty()) return text;
  }
  return {};
}

class Judge {
 public:
  explicit Judge(const MergedChange& change) : change_(change), moment_(merge_moment()) {}

  Judgement run() {
    judge_merger();
    judge_approvals();
    judge_pushes();
    judge_checks();
    return std::move(judged_);
  }

 private:
  const Happening* merge_entry() const {
    if (!change_.activity) return nullptr;
    for (const Happening& happening : *change_.activity) {
      if (happening.kind == Happening::Kind::update && happening.state == "MERGED") {
        return &happening;
      }
    }
    return nullptr;
  }

  /// The commit of a merge has whole seconds.
  Timestamp merge_moment() const {
    const Happening* entry = merge_entry();
    return entry == nullptr ? change_.merged_at + 999ms : entry->at;
  }

  void find(Finding finding, std::optional<bool> found) {
    judged_.findings[bit(finding)] = found.value_or(false);
    judged_.not_evaluable[bit(finding)] = !found;
  }

  bool is_author(const Account& account) const {
    return !change_.author.id.empty() && account.id == change_.author.id;
  }

  void judge_merger() {
    const Happening* entry = merge_entry();
    Account merger = change_.closed_by;
    if (merger.id.empty() && entry != nullptr) merger = entry->by;
    if (!merger.id.empty()) judged_.merged_by = merger;
    if (!merger.id.empty() && !change_.author.id.empty()) judged_.self_merged = is_author(merger);
    find(Finding::self_merged, judged_.self_merged);
  }

  /// When somebody approved last before the merge, by the activity.
  std::optional<Timestamp> approved_at(const Account& account) const {
    std::optional<Timestamp> at;
    if (!change_.activity || account.id.empty()) return at;
    for (const Happening& happening : *change_.activity) {
      const bool counts = happening.kind == Happening::Kind::approval &&
                          happening.by.id == account.id && happening.at <= moment_;
      if (counts) at = std::max(at.value_or(happening.at), happening.at);
    }
    return at;
  }

  void judge_approvals() {
    bool doubtful = !change_.tells_participants;
    for (const Approval& approval : change_.approved) {
      std::optional<Timestamp> at = approved_at(approval.by);
      const bool before = !approval.at || *approval.at <= moment_;
      if (!at && before) at = approval.at;
      if (at || before) {
        judged_.approvals.push_back({approval.by, at});
      } else {
        // The time is that of the last participation where nothing tells more.
        doubtful = doubtful || !change_.activity;
      }
    }
    std::ranges::sort(judged_.approvals, {}, &Approval::at);
    const auto& approvals = judged_.approvals;
    const bool by_other = std::ranges::any_of(approvals, [this](const Approval& approval) {
      return !change_.author.id.empty() && !approval.by.id.empty() && !is_author(approval.by);
    });
    const bool by_unknown = std::ranges::any_of(approvals, [this](const Approval& approval) {
      return change_.author.id.empty() || approval.by.id.empty();
    });
    if (by_other || (!by_unknown && !doubtful)) judged_.approved_by_other = by_other;
    const bool none = approvals.empty();
    find(Finding::not_approved, none && doubtful ? std::nullopt : std::optional(none));
    const bool unclear = none ? doubtful : !judged_.approved_by_other;
    find(Finding::self_approved_only, unclear ? std::nullopt : std::optional(!none && !by_other));
  }

  void judge_checks() {
    std::optional<bool> failed;
    std::optional<bool> absent;
    if (change_.checks) {
      const Checks& checks = *change_.checks;
      failed = checks.failed > 0;
      absent = checks.successful + checks.failed + checks.in_progress + checks.stopped == 0;
    }
    find(Finding::checks_failed, failed);
    find(Finding::checks_absent, absent);
  }

  void judge_pushes() {
    constexpr Finding finding = Finding::approved_before_last_commit;
    if (judged_.approved_by_other == false) return find(finding, false);
    if (!judged_.approved_by_other || !change_.activity) return find(finding, std::nullopt);
    std::optional<Timestamp> latest;
    for (const Approval& approval : judged_.approvals) {
      if (is_author(approval.by)) continue;
      if (!approval.at) return find(finding, std::nullopt);
      latest = std::max(latest.value_or(*approval.at), *approval.at);
    }
    std::vector<Happening> entries = *change_.activity;
    std::ranges::sort(entries, {}, &Happening::at);
    std::optional<Timestamp> last_push;
    std::string head;
    for (const Happening& entry : entries) {
      const bool tells = entry.kind == Happening::Kind::update && !entry.head.empty();
      if (!tells || entry.at > moment_) continue;
      if (!head.empty() && entry.head != head) last_push = entry.at;
      head = entry.head;
    }
    const bool pushed_after = last_push && *last_push > *latest;
    // What happened before the first entry is not told.
    const bool told = !entries.empty() && entries.front().at <= *latest;
    find(finding, pushed_after || told ? std::optional(pushed_after) : std::nullopt);
  }

  const MergedChange& change_;
  const Timestamp moment_;
  Judgement judged_;
};

}  // namespace

std::string_view name_of(Finding finding) {
  return finding_names[bit(finding)];
}

std::optional<Finding> finding_of(std::string_view name) {
  const auto* found = std::ranges::find(finding_names, name);
  if (found == std::end(finding_names)) return std::nullopt;
  return static_cast<Finding>(found - std::begin(finding_names));
}

bool is_merged(const json::value& content) {
  return text_at(content, {"state"}) == "MERGED";
}

MergedChange change_from(const json::value& content, Timestamp merged_at) {
  MergedChange change;
  change.number = number_at(content, "id");
  change.title = text_at(content, {"title"});
  change.url = text_at(content, {"links", "html", "href"});
  change.author = account_at(content, {"author"});
  change.closed_by = account_at(content, {"closed_by"});
  change.merged_at = merged_at;
  change.destination = text_at(content, {"destination", "branch", "name"});
  change.source_branch = text_at(content, {"source", "branch", "name"});
  change.head = text_at(content, {"source", "commit", "hash"});
  change.merge_commit = text_at(content, {"merge_commit", "hash"});
  const json::value* tasks = member_at(content, {"task_count"});
  if (tasks != nullptr && tasks->is_int64()) change.tasks_open = tasks->get_int64();
  const json::value* participants = member_at(content, {"participants"});
  change.tells_participants = participants != nullptr && participants->is_array();
  for (const json::value& participant : array_at(content, {"participants"})) {
    if (!flag_at(participant, {"approved"})) continue;
    change.approved.push_back(
        {account_at(participant, {"user"}), time_at(participant, {"participated_on"})});
  }
  return change;
}

Happening happening_from(const json::value& content) {
  Happening happening;
  if (const json::value* approval = member_at(content, {"approval"})) {
    happening.kind = Happening::Kind::approval;
    happening.by = account_at(*approval, {"user"});
    happening.at = time_at(*approval, {"date"}).value_or(Timestamp{});
    return happening;
  }
  if (const json::value* update = member_at(content, {"update"})) {
    happening.kind = Happening::Kind::update;
    happening.by = account_at(*update, {"author"});
    happening.at = time_at(*update, {"date"}).value_or(Timestamp{});
    happening.state = text_at(*update, {"state"});
    happening.head = text_at(*update, {"source", "commit", "hash"});
    return happening;
  }
  const auto requested = time_at(content, {"changes_requested", "date"});
  const auto commented = time_at(content, {"comment", "created_on"});
  happening.at = requested.value_or(commented.value_or(Timestamp{}));
  return happening;
}

void CheckCounter::count(Checks& checks, std::string_view state) {
  for (const CheckState& known : check_states) {
    if (known.word == state) {
      ++(checks.*known.counter);
      return;
    }
  }
  ++checks.in_progress;
}

void CheckCounter::add(std::string_view kind, const json::value& content) {
  if (kind == "build_status") {
    ++statuses_;
    return count(of_statuses_, text_at(content, {"state"}));
  }
  Run run;
  run.target = text_at(content, {"target", "selector", "type"}) + ' ' +
               text_at(content, {"target", "selector", "pattern"});
  run.number = number_at(content, "build_number");
  run.state = first_text({text_at(content, {"state", "result", "name"}),
                          text_at(content, {"state", "stage", "name"})});
  const auto known = std::ranges::find(runs_, run.target, &Run::target);
  if (known == runs_.end()) {
    runs_.push_back(std::move(run));
  } else if (known->number < run.number) {
    *known = std::move(run);
  }
}

Checks CheckCounter::checks() const {
  Checks checks = of_statuses_;
  for (const Run& run : runs_) count(checks, run.state);
  return checks;
}

Judgement judge(const MergedChange& change) {
  return Judge(change).run();
}

}  // namespace evidenced::evidence
