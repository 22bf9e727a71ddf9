// What the parts cost that every byte passes through: a page from Bitbucket read, scrubbed and
// made canonical, beside Boost.JSON reading the same page and no more; artifacts written into a
// list, beside a copy of the same bytes; a line of the log redacted. Figures to find a slow part
// with: nothing is gated here. Arguments: those of google-benchmark.
#include "api/artifacts/artifact_view.hpp"
#include "config/redact.hpp"
#include "connector/bitbucket/parse.hpp"

#include <benchmark/benchmark.h>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <string>

namespace {

using namespace evidenced;
using namespace evidenced::connector::bitbucket;

std::string pull_request(int id) {
  return fmt::format(
      R"({{"type":"pullrequest","id":{},"title":"Retry payments, part {}","state":"MERGED",)"
      R"("description":"{}","author":{{"type":"user","display_name":"Ines Marquardt",)"
      R"("uuid":"{{6a1f1c1e-0000-4000-8000-000000000001}}","account_id":"557058:invented",)"
      R"("links":{{"avatar":{{"href":"https://avatar.example.com/1.png"}}}}}},"reviewers":[],)"
      R"("participants":[{{"type":"participant","role":"REVIEWER","approved":true,)"
      R"("state":"approved","participated_on":"2026-02-03T10:11:12.131415+00:00"}}],)"
      R"("merge_commit":{{"hash":"0123456789ab"}},"comment_count":3,"task_count":0,)"
      R"("created_on":"2026-02-01T08:00:00.000001+00:00",)"
      R"("updated_on":"2026-02-03T10:11:12.131415+00:00"}})",
      id, id, std::string(700, 'd'));
}

std::string page_of_pull_requests(int rows) {
  std::string page = R"({"size":50,"page":1,"pagelen":50,"values":[)";
  for (int id = 1; id <= rows; ++id) {
    if (id > 1) page += ',';
    page += pull_request(id);
  }
  return page + "]}";
}

constexpr int rows_a_page = 50;

void count_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(bytes));
}

void read_page(benchmark::State& state) {
  const std::string body = page_of_pull_requests(rows_a_page);
  const Stream& stream = *find_stream("pull_request");
  Partition partition;
  partition.id = partition.repository_uuid = "{r}";
  partition.repository = "acme/api";
  for (auto _ : state) {
    auto page = parse_page(stream, 0, partition, body);
    if (!page || page->artifacts.size() != rows_a_page) state.SkipWithError("page was not read");
    benchmark::DoNotOptimize(page);
  }
  count_bytes(state, body.size());
}
BENCHMARK(read_page);

void read_page_bare(benchmark::State& state) {
  const std::string body = page_of_pull_requests(rows_a_page);
  for (auto _ : state) benchmark::DoNotOptimize(boost::json::parse(body));
  count_bytes(state, body.size());
}
BENCHMARK(read_page_bare);

storage::ArtifactView artifact_of(const std::string& content, const storage::Digest& digest) {
  storage::ArtifactView view;
  view.id = "art_01JX0000000000000000000000";
  view.kind = "pull_request";
  view.source_id = "src_01JX0000000000000000000000";
  view.workspace = "acme";
  view.project = "PLAT";
  view.repository = "acme/api";
  view.upstream_id = "{6a1f1c1e-0000-4000-8000-000000000002}/1";
  view.title = "Retry payments, part 1";
  view.sync_id = "syn_01JX0000000000000000000000";
  view.content_sha256 = std::as_bytes(std::span(digest));
  view.content = content;
  return view;
}

void write_list(benchmark::State& state) {
  const std::string content = pull_request(1);
  const storage::Digest digest = storage::sha256(content);
  const storage::ArtifactView view = artifact_of(content, digest);
  const api::FieldSet fields = api::all_fields();
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (int row = 0; row < rows_a_page; ++row) api::write_artifact(out, view, fields);
    benchmark::DoNotOptimize(out.data());
  }
  count_bytes(state, out.size());
}
BENCHMARK(write_list);

void write_list_bare(benchmark::State& state) {
  const std::string content = pull_request(1);
  std::string artifact;
  api::write_artifact(artifact, artifact_of(content, storage::sha256(content)), api::all_fields());
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (int row = 0; row < rows_a_page; ++row) out += artifact;
    benchmark::DoNotOptimize(out.data());
  }
  count_bytes(state, out.size());
}
BENCHMARK(write_list_bare);

void redact_line(benchmark::State& state) {
  const std::string line =
      "GET /2.0/repositories/acme/api/pullrequests?state=MERGED&page=3 200 in 212 ms";
  for (auto _ : state) benchmark::DoNotOptimize(redact(line));
  count_bytes(state, line.size());
}
BENCHMARK(redact_line);

}  // namespace

BENCHMARK_MAIN();
