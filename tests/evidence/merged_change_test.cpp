// Goal: a finding says what the pull request, its activity and its builds prove, and where they do
// not tell enough none is claimed. Method: changes made by hand, one thing different in each.
#include "evidence/merged_change.hpp"

#include "tests/catch.hpp"

#include <fmt/format.h>

using namespace evidenced;
using namespace evidenced::evidence;
using namespace std::chrono_literals;

namespace {

const Timestamp merge_time = *parse_timestamp("2026-11-20T15:00:00Z");

Account account(const std::string& id) {
  Account made;
  made.id = id;
  return made;
}

Happening update(const std::string& state, const std::string& head, Timestamp at) {
  return {Happening::Kind::update, account("{author}"), at, state, head};
}

Happening approval(const std::string& who, Timestamp at) {
  return {Happening::Kind::approval, account(who), at, "", ""};
}

/// Opened and merged by its author, with a build that passed, and nobody's approval.
MergedChange plain() {
  MergedChange change;
  change.author = account("{author}");
  change.closed_by = account("{author}");
  change.merged_at = merge_time;
  change.tells_participants = true;
  change.activity = {update("OPEN", "aaa", merge_time - 5h),
                     update("MERGED", "aaa", merge_time + 400ms)};
  change.checks = Checks{.successful = 1};
  return change;
}

MergedChange approved_by(const std::string& who, Timestamp at) {
  MergedChange change = plain();
  change.closed_by = account("{merger}");
  change.approved = {{account(who), at}};
  change.activity->push_back(approval(who, at));
  return change;
}

bool has(const Findings& findings, Finding finding) {
  return findings[static_cast<std::size_t>(finding)];
}

}  // namespace

TEST_CASE("a change that somebody else approved, merged and built has no findings") {
  const Judgement judged = judge(approved_by("{reviewer}", merge_time - 1h));
  CHECK(judged.findings.none());
  CHECK(judged.not_evaluable.none());
  CHECK(judged.approved_by_other == true);
  CHECK(judged.self_merged == false);
  REQUIRE(judged.approvals.size() == 1);
  CHECK(judged.approvals.front().at == merge_time - 1h);
}

TEST_CASE("who merges their own change without any approval is found twice") {
  const Judgement judged = judge(plain());
  CHECK(has(judged.findings, Finding::not_approved));
  CHECK(has(judged.findings, Finding::self_merged));
  CHECK_FALSE(has(judged.findings, Finding::self_approved_only));
  CHECK(judged.approved_by_other == false);
}

TEST_CASE("an approval of one's own is told apart from none") {
  const Judgement judged = judge(approved_by("{author}", merge_time - 1h));
  CHECK(has(judged.findings, Finding::self_approved_only));
  CHECK_FALSE(has(judged.findings, Finding::not_approved));
  CHECK_FALSE(has(judged.findings, Finding::approved_before_last_commit));
}

TEST_CASE("an approval that was withdrawn does not count") {
  MergedChange change = approved_by("{reviewer}", merge_time - 1h);
  change.approved.clear();  // the activity has it for good
  const Judgement judged = judge(change);
  CHECK(has(judged.findings, Finding::not_approved));
  CHECK(judged.approvals.empty());
}

TEST_CASE("an approval that came after the merge does not count") {
  CHECK(has(judge(approved_by("{reviewer}", merge_time + 1h)).findings, Finding::not_approved));
  MergedChange within_the_second = approved_by("{reviewer}", merge_time + 300ms);
  CHECK(judge(within_the_second).findings.none());
  within_the_second.activity->push_back(update("MERGED", "aaa", merge_time + 200ms));
  within_the_second.activity->erase(within_the_second.activity->begin() + 1);
  CHECK(has(judge(within_the_second).findings, Finding::not_approved));
}

TEST_CASE("who took part again after the merge has approved before it, if the activity says so") {
  MergedChange change = approved_by("{reviewer}", merge_time - 1h);
  change.approved.front().at = merge_time + 24h;  // a comment
  CHECK(judge(change).findings.none());
  CHECK(judge(change).approvals.front().at == merge_time - 1h);
  change.activity.reset();
  const Judgement judged = judge(change);
  CHECK(judged.approvals.empty());
  CHECK_FALSE(has(judged.findings, Finding::not_approved));
  CHECK(has(judged.not_evaluable, Finding::not_approved));
  CHECK_FALSE(judged.approved_by_other);
}

TEST_CASE("a push after the last approval of somebody else is found") {
  MergedChange change = approved_by("{reviewer}", merge_time - 2h);
  change.activity->push_back(update("OPEN", "bbb", merge_time - 1h));
  change.activity->at(1).head = "bbb";
  CHECK(has(judge(change).findings, Finding::approved_before_last_commit));
  change.activity->push_back(approval("{author}", merge_time - 10min));
  change.approved.push_back({account("{author}"), merge_time - 10min});
  CHECK(has(judge(change).findings, Finding::approved_before_last_commit));
  change.activity->push_back(approval("{second}", merge_time - 10min));
  change.approved.push_back({account("{second}"), merge_time - 10min});
  CHECK(judge(change).findings.none());
}

TEST_CASE("a retitled change is no push, and what the activity does not reach is not evaluable") {
  MergedChange change = approved_by("{reviewer}", merge_time - 2h);
  change.activity->push_back(update("OPEN", "aaa", merge_time - 1h));
  CHECK(judge(change).findings.none());
  change.activity->erase(change.activity->begin());      // when it was opened
  change.activity->erase(change.activity->begin() + 1);  // the approval
  const Judgement judged = judge(change);
  CHECK(has(judged.not_evaluable, Finding::approved_before_last_commit));
  CHECK(judged.findings.none());
  change.activity.reset();
  CHECK(has(judge(change).not_evaluable, Finding::approved_before_last_commit));
}

TEST_CASE("a bot that merges for the author is not the author") {
  MergedChange change = approved_by("{reviewer}", merge_time - 1h);
  change.closed_by = account("{bot}");
  change.closed_by.is_app = true;
  const Judgement judged = judge(change);
  CHECK(judged.self_merged == false);
  REQUIRE(judged.merged_by);
  CHECK(judged.merged_by->is_app);
}

TEST_CASE("who merged is told by the activity where the pull request does not say") {
  MergedChange change = plain();
  change.closed_by = {};
  CHECK(judge(change).self_merged == true);
  change.activity.reset();
  const Judgement judged = judge(change);
  CHECK_FALSE(judged.merged_by);
  CHECK_FALSE(judged.self_merged);
  CHECK(has(judged.not_evaluable, Finding::self_merged));
}

TEST_CASE("accounts that are not named any more accuse nobody") {
  MergedChange author_erased = approved_by("{reviewer}", merge_time - 1h);
  author_erased.author = {};
  Judgement judged = judge(author_erased);
  CHECK_FALSE(has(judged.findings, Finding::not_approved));
  CHECK(judged.findings.none());
  CHECK(has(judged.not_evaluable, Finding::self_approved_only));
  CHECK(has(judged.not_evaluable, Finding::self_merged));
  judged = judge(approved_by("", merge_time - 1h));
  CHECK(judged.approvals.size() == 1);
  CHECK(judged.findings.none());
  CHECK(has(judged.not_evaluable, Finding::self_approved_only));
  CHECK_FALSE(judged.approved_by_other);
}

TEST_CASE("participants that were not read prove no missing approval") {
  MergedChange change = plain();
  change.tells_participants = false;
  const Judgement judged = judge(change);
  CHECK_FALSE(has(judged.findings, Finding::not_approved));
  CHECK(has(judged.not_evaluable, Finding::not_approved));
  CHECK(has(judged.not_evaluable, Finding::self_approved_only));
}

TEST_CASE("builds are failed, absent, or not known") {
  MergedChange change = approved_by("{reviewer}", merge_time - 1h);
  change.checks = Checks{.successful = 2, .failed = 1};
  CHECK(has(judge(change).findings, Finding::checks_failed));
  change.checks = Checks{};
  CHECK(has(judge(change).findings, Finding::checks_absent));
  change.checks = Checks{.stopped = 1};
  CHECK(judge(change).findings.none());
  change.checks.reset();
  CHECK(judge(change).findings.none());
  CHECK(has(judge(change).not_evaluable, Finding::checks_failed));
  CHECK(has(judge(change).not_evaluable, Finding::checks_absent));
}

TEST_CASE("of the runs of a pipeline the newest counts, of each kind of target") {
  CheckCounter counter;
  CHECK(counter.empty());
  const auto run = [&](int number, const std::string& type, const std::string& result) {
    counter.add("pipeline",
                read_content(fmt::format(
                    R"({{"build_number":{},"state":{{"name":"COMPLETED","result":{{"name":"{}"}}}},
                        "target":{{"selector":{{"type":"{}"}}}}}})",
                    number, result, type)));
  };
  run(7, "branches", "FAILED");
  run(9, "branches", "SUCCESSFUL");
  run(8, "branches", "ERROR");
  run(3, "pull-requests", "EXPIRED");
  counter.add("build_status", read_content(R"({"state":"INPROGRESS"})"));
  counter.add("build_status", read_content(R"({"state":"FAILED"})"));
  const Checks checks = counter.checks();
  CHECK(checks.successful == 1);
  CHECK(checks.failed == 1);
  CHECK(checks.stopped == 1);
  CHECK(checks.in_progress == 1);
  CHECK_FALSE(counter.empty());
}

TEST_CASE("a pull request is read with all its oddities") {
  const auto content = read_content(R"({
    "id": 7, "title": "Retry", "state": "MERGED", "author": null,
    "closed_by": {"display_name": "Chiara", "uuid": "{c}", "type": "app_user"},
    "destination": {"branch": null}, "source": {"branch": {"name": "x"}, "commit": null},
    "merge_commit": {"hash": "abc"}, "task_count": 2, "links": {"html": {"href": "https://x"}},
    "participants": [
      {"approved": true, "participated_on": "2026-11-20T14:55:01.1+00:00", "user": {"uuid": "{c}"}},
      {"approved": true, "participated_on": null, "user": null},
      {"approved": false, "user": {"uuid": "{d}"}}]})");
  CHECK(is_merged(content));
  const MergedChange change = change_from(content, merge_time);
  CHECK(change.number == 7);
  CHECK(change.author.id.empty());
  CHECK(change.closed_by.is_app);
  CHECK(change.destination.empty());
  CHECK(change.head.empty());
  CHECK(change.tasks_open == 2);
  REQUIRE(change.approved.size() == 2);
  CHECK(change.approved.front().at == parse_timestamp("2026-11-20T14:55:01.100Z"));
  CHECK_FALSE(is_merged(read_content("nonsense")));
  CHECK_FALSE(change_from(read_content("nonsense"), merge_time).tells_participants);
}

TEST_CASE("entries of the activity are read by their kind") {
  const Happening merged = happening_from(read_content(
      R"({"update":{"state":"MERGED","date":"2026-11-20T15:00:00.5+00:00","author":{"uuid":"{a}"},
          "source":{"commit":{"hash":"abc"}}}})"));
  CHECK(merged.kind == Happening::Kind::update);
  CHECK(merged.state == "MERGED");
  CHECK(merged.head == "abc");
  CHECK(merged.at == merge_time + 500ms);
  const Happening approved = happening_from(
      read_content(R"({"approval":{"date":"2026-11-20T15:00:00Z","user":{"uuid":"{b}"}}})"));
  CHECK(approved.kind == Happening::Kind::approval);
  CHECK(approved.by.id == "{b}");
  const Happening comment =
      happening_from(read_content(R"({"comment":{"created_on":"2026-11-20T15:00:00Z"}})"));
  CHECK(comment.kind == Happening::Kind::other);
  CHECK(comment.at == merge_time);
}

TEST_CASE("findings have names, and names findings") {
  for (std::size_t at = 0; at < finding_count; ++at) {
    const auto finding = static_cast<Finding>(at);
    CHECK(finding_of(name_of(finding)) == finding);
  }
  CHECK_FALSE(finding_of("fine"));
}
