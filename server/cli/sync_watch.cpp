#include "server/cli/sync_watch.hpp"

#include "config/problem.hpp"
#include "server/cli/output.hpp"
#include "server/cli/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ostream>
#include <thread>

namespace evidenced::cli {
namespace {

using std::chrono::steady_clock;

constexpr int wait_seconds = 20;
constexpr std::chrono::milliseconds least_pause{200};  // a busy sync changes at every page
constexpr std::chrono::seconds restart_patience{60};

std::int64_t number_at(const JsonText& value, std::string_view path) {
  const JsonText* found = at_path(value, path);
  return found == nullptr ? 0 : found->integer().value_or(0);
}

std::string remaining(std::int64_t seconds) {
  if (seconds < 60) return fmt::format("{} s left", seconds);
  if (seconds < 3600) return fmt::format("{} min {} s left", seconds / 60, seconds % 60);
  return fmt::format("{} h {} min left", seconds / 3600, seconds % 3600 / 60);
}

std::string bar(std::int64_t done, std::int64_t planned) {
  constexpr std::int64_t cells = 20;
  const std::int64_t full =
      planned <= 0 ? 0 : std::clamp(done * cells / planned, std::int64_t{0}, cells);
  std::string out = "[";
  for (std::int64_t i = 0; i < cells; ++i) out += i < full ? "#" : "-";
  return out + "]";
}

std::string streams_at_work(const JsonText& sync) {
  std::string out;
  for (const JsonText& stream : items_of(at_path(sync, "streams"))) {
    if (shown(stream.find("state")) != "running") continue;
    out += fmt::format("  {} {}/{}", shown(stream.find("name")),
                       number_at(stream, "partitions_done"), number_at(stream, "partitions_total"));
  }
  return out;
}

std::string waiting_words(const JsonText& sync) {
  const std::string until = shown(at_path(sync, "progress.waiting_until"));
  return until.empty() ? "" : fmt::format("  waits until {}", until);
}

/// Shows progress in the way the error stream can bear.
class Progress {
 public:
  explicit Progress(Terminal& terminal) : terminal_(terminal) {}

  void show(const JsonText& sync) {
    if (terminal_.err_is_terminal) {
      const std::string line = progress_line(sync, terminal_.columns - 1);
      terminal_.err << "\r\x1b[K" << line << std::flush;
      return;
    }
    const std::string words = progress_words(sync);
    if (words != last_) terminal_.err << words << std::endl;
    last_ = words;
  }

  void note(std::string_view text) {
    clear();
    terminal_.err << "evidenced: " << text << std::endl;
  }

  void clear() {
    if (terminal_.err_is_terminal) terminal_.err << "\r\x1b[K" << std::flush;
  }

 private:
  Terminal& terminal_;
  std::string last_;
};

bool is_passing(const Failure& failure) {
  return failure.code == "cli.unreachable" || failure.code.starts_with("capacity.") ||
         failure.code == "quota.exceeded";
}

/// Asks until the sync is done.
Outcome<Answer> poll(const ApiClient& api, const std::string& path, Progress& progress) {
  std::string etag;
  auto last_answer = steady_clock::now();
  bool silent = false;
  while (true) {
    const auto asked = steady_clock::now();
    Outcome<Answer> answer = api.wait(path, etag, wait_seconds);
    if (answer) {
      last_answer = steady_clock::now();
      silent = false;
      if (answer->response.status != 304) {
        etag = std::string(answer->response.header("etag"));
        progress.show(answer->json);
        if (shown(at_path(answer->json, "state")) == "done") return answer;
      }
    } else {
      const bool patient = steady_clock::now() - last_answer < restart_patience;
      if (!is_passing(answer.error()) || !patient) return answer;
      if (!silent) progress.note("the daemon does not answer; still trying");
      silent = true;
      std::this_thread::sleep_for(std::chrono::seconds(1));
    }
    std::this_thread::sleep_until(asked + least_pause);
  }
}

int exit_code_of(const JsonText& sync) {
  const std::string result = shown(at_path(sync, "result"));
  if (result == "succeeded") return 0;
  if (result == "partial") return 3;
  if (result == "cancelled") return 2;
  const Problem* problem = find_problem(shown(at_path(sync, "error.code")));
  return problem == nullptr ? 1 : problem->exit_code;
}

void explain_errors(std::ostream& err, const JsonText& sync) {
  const auto explain = [&err](const std::string& where, const JsonText* error) {
    if (error == nullptr || !error->is_object()) return;
    const std::string code = shown(error->find("code"));
    err << printable(fmt::format("{}: {} ({})", where, shown(error->find("detail")), code)) << '\n';
    const Problem* problem = find_problem(code);
    std::string_view remedy = problem == nullptr ? "" : problem->remedy;
    while (!remedy.empty()) {
      const std::size_t end = std::min(remedy.find('\n'), remedy.size());
      err << "  remedy: " << remedy.substr(0, end) << '\n';
      remedy.remove_prefix(std::min(end + 1, remedy.size()));
    }
  };
  explain("sync", at_path(sync, "error"));
  for (const JsonText& stream : items_of(at_path(sync, "streams"))) {
    explain(shown(stream.find("name")), stream.find("error"));
  }
}

const std::vector<Column>& stream_columns() {
  static const std::vector<Column> columns = {
      {"STREAM", "name"},           {"STATE", "state"},       {"DONE", "partitions_done"},
      {"OF", "partitions_total"},   {"REQUESTS", "requests"}, {"RETRIES", "retries"},
      {"WAITED", "waited_seconds"}, {"SEEN", "seen"},         {"CREATED", "created"},
      {"REVISED", "revised"},       {"REMOVED", "removed"},   {"STARTED", "started_at"},
      {"FINISHED", "finished_at"},  {"ERROR", "error.code"}};
  return columns;
}

}  // namespace

std::string progress_line(const JsonText& sync, std::size_t width) {
  const std::int64_t done = number_at(sync, "progress.requests_done");
  const std::int64_t planned = number_at(sync, "progress.requests_planned");
  std::string line = fmt::format("{:<7} {}", shown(at_path(sync, "state")), bar(done, planned));
  if (planned > 0)
    line += fmt::format(" {:>3} %", std::min<std::int64_t>(100, done * 100 / planned));
  line += fmt::format("  {}/{} requests", done, planned);
  const JsonText* eta = at_path(sync, "progress.eta_seconds");
  if (eta != nullptr && eta->integer()) line += "  " + remaining(*eta->integer());
  line += waiting_words(sync) + streams_at_work(sync);
  return clipped(printable(line), width);
}

std::string progress_words(const JsonText& sync) {
  std::string words =
      fmt::format("sync {} {}", shown(at_path(sync, "id")), shown(at_path(sync, "state")));
  const std::string result = shown(at_path(sync, "result"));
  if (!result.empty()) return printable(words + ": " + result);
  std::size_t ended = 0;
  std::string running;
  const std::vector<JsonText>& streams = items_of(at_path(sync, "streams"));
  for (const JsonText& stream : streams) {
    const std::string state = shown(stream.find("state"));
    if (state == "running")
      running += (running.empty() ? ", now " : ", ") + shown(stream.find("name"));
    if (state != "running" && state != "pending") ++ended;
  }
  if (!streams.empty()) words += fmt::format(": {} of {} streams done", ended, streams.size());
  return printable(words + running + waiting_words(sync));
}

Outcome<int> show_sync(const Context& context, const Answer& answer) {
  const Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  const Outcome<int> shown_object = show_object(context, answer);
  if (!shown_object || *format != OutputFormat::table) return shown_object;
  std::vector<const JsonText*> streams;
  for (const JsonText& stream : items_of(at_path(answer.json, "streams")))
    streams.push_back(&stream);
  if (!streams.empty()) {
    context.terminal.out << '\n';
    write_items(context, *format, stream_columns(), streams);
  }
  context.terminal.out << std::flush;
  explain_errors(context.terminal.err, answer.json);
  return 0;
}

Outcome<int> follow_sync(const Context& context, const ApiClient& api, const std::string& sync_id) {
  const Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  Progress progress(context.terminal);
  const Outcome<Answer> last = poll(api, path_of("syncs", sync_id), progress);
  progress.clear();
  if (!last) return failed(last);
  const Outcome<int> shown_sync = show_sync(context, *last);
  if (!shown_sync) return shown_sync;
  return exit_code_of(last->json);
}

}  // namespace evidenced::cli
