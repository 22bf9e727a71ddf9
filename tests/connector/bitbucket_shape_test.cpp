// Goal: what differs about the objects of a stream is told once, by name, and nothing else is
// (C13). Method: pages of invented objects, one difference at a time, compared by the machine
// alone.
#include "connector/bitbucket/stream_shape.hpp"
#include "tests/catch.hpp"
#include "tests/connector/bitbucket_bodies.hpp"

#include <fmt/format.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace evidenced;
using namespace evidenced::connector::bitbucket;
using namespace evidenced::connector::bitbucket::testing;

namespace {

using Lines = std::vector<std::string>;

/// A stream of pull requests that is watched.
class Watched {
 public:
  StreamShape shape{"pull_request"};

  /// Pages of one object each, all alike but for their number; what is told of them.
  Lines see(int objects, const std::string& members) {
    Lines lines;
    for (int i = 0; i < objects; ++i) {
      const std::string object = fmt::format(R"({{"values":[{{"id":{}{}{}}}]}})", ++last_,
                                             members.empty() ? "" : ",", members);
      const ParsedPage page = parsed("pull_request", object);
      for (const storage::DriftFinding& finding :
           shape.see(page.shape, 0, "pull_request", page.artifacts)) {
        const storage::Drift& drift = finding.drift;
        lines.push_back(fmt::format("{}{} {} {} {}>{}", finding.ended ? "ended " : "", drift.what,
                                    drift.path, drift.value, drift.before, drift.after));
        artifacts.push_back(finding.upstream_id);
      }
    }
    return lines;
  }

  void learn(const std::string& members, int objects = 60) {
    see(objects, members);
    shape.end_sync(true);
  }

  /// Written and read again, as over a restart.
  void restart() {
    auto read = StreamShape::read(shape.stored());
    REQUIRE(read);
    shape = std::move(*read);
  }

  int last() const { return last_; }
  Lines artifacts;

 private:
  int last_ = 0;
};

const std::string usual = R"("title":"t","state":"OPEN","author":{"type":"user","nickname":"n"})";

}  // namespace

TEST_CASE("a first sync tells of nothing but words that nobody knows") {
  Watched stream;
  CHECK(stream.see(30, usual).empty());
  CHECK(stream.see(30, usual + R"(,"later":1)").empty());
  CHECK(stream.see(30, R"("title":7,"state":"OPEN")").empty());
  CHECK(stream.see(30, R"("title":null,"state":"OPEN")").empty());
  CHECK(stream.see(2, R"("state":"PONDERED")") == Lines{"unknown_value state PONDERED >"});
}

TEST_CASE("a new member is told once, with the first object that has it") {
  Watched stream;
  stream.learn(usual);
  CHECK(stream.see(3, usual).empty());
  CHECK(stream.see(5, usual + R"(,"risk":{"score":1})") == Lines{"new_field risk  >object"});
  CHECK(stream.artifacts == Lines{"64"});
  stream.restart();
  CHECK(stream.see(5, usual).empty());
  CHECK(stream.see(5, usual + R"(,"risk":{"score":1,"why":2})").empty());
}

TEST_CASE("members of what was never an object, or says another type, are learnt without a word") {
  Watched stream;
  stream.learn(usual + R"(,"closed_by":null,"reviewers":[])");
  CHECK(stream.see(5, usual + R"(,"closed_by":{"a":1},"reviewers":[{"b":1}])").empty());
  const std::string team = R"("title":"t","state":"OPEN","author":{"type":"team","slug":"s"})";
  CHECK(stream.see(5, team).empty());
  const std::string robot = R"("title":"t","state":"OPEN","author":{"type":"robot","serial":"s"})";
  CHECK(stream.see(5, robot) == Lines{"unknown_value author.type robot >"});
}

TEST_CASE("a member that vanished is told after fifty objects without it, and when it is back") {
  Watched stream;
  stream.learn(usual);
  const std::string bare = R"("state":"OPEN","author":{"type":"user","nickname":"n"})";
  CHECK(stream.see(49, bare).empty());
  stream.restart();
  CHECK(stream.see(1, bare) == Lines{"vanished title  string>"});
  CHECK(stream.artifacts == Lines{"61"});
  stream.restart();
  CHECK(stream.see(200, bare).empty());
  CHECK(stream.see(1, usual) == Lines{"ended vanished title  >"});
  CHECK(stream.see(60, usual).empty());
  CHECK(stream.see(49, bare).empty());
  CHECK(stream.see(1, bare) == Lines{"vanished title  string>"});
}

TEST_CASE("a member that is missing now and then has not vanished") {
  Watched stream;
  stream.learn(usual + R"(,"draft":true)", 60);
  Watched rare;
  rare.see(60, usual + R"(,"draft":true)");
  rare.learn(usual, 5);
  CHECK(rare.see(200, usual).empty());
  for (int i = 0; i < 6; ++i) {
    CHECK(stream.see(40, usual).empty());
    CHECK(stream.see(1, usual + R"(,"draft":true)").empty());
  }
}

TEST_CASE("a member that became null is told once, and when it is something again") {
  Watched stream;
  stream.learn(usual);
  const std::string nulled =
      R"("title":null,"state":"OPEN","author":{"type":"user","nickname":"n"})";
  CHECK(stream.see(49, nulled).empty());
  CHECK(stream.see(30, nulled) == Lines{"newly_null title  string>null"});
  stream.restart();
  CHECK(stream.see(30, nulled).empty());
  CHECK(stream.see(1, usual) == Lines{"ended newly_null title  >"});
  Watched open;
  open.learn(R"("state":"OPEN","reason":null)", 20);
  open.see(60, R"("state":"OPEN","reason":"r")");
  CHECK(open.see(100, R"("state":"OPEN","reason":null)").empty());
}

TEST_CASE("a changed type is told once, null is none") {
  Watched stream;
  stream.learn(usual);
  CHECK(stream.see(5, R"("title":7,"state":"OPEN","author":{"type":"user","nickname":"n"})") ==
        Lines{"changed_type title number string>number"});
  CHECK(stream.see(5, usual).empty());
  CHECK(stream.see(5, R"("title":8,"state":null,"author":null)").empty());
}

TEST_CASE("a shape is bounded, whatever comes, and holds no data") {
  Watched stream;
  std::string wide = R"("state":"OPEN","properties":{"ada@example.com":{"x":1}})";
  for (int i = 0; i < 300; ++i) wide += fmt::format(R"(,"k{}":{{"a":1,"b":[{{"c":2}}]}})", i);
  wide += R"(,"ada@example.com":1,"two words":2)";
  stream.see(5, wide);
  std::string deep = R"("state":"OPEN","d":)";
  for (int i = 0; i < 40; ++i) deep += R"({"d":)";
  deep += "1" + std::string(40, '}');
  stream.see(5, deep);
  const std::string text = stream.shape.stored().shape;
  CHECK(text.size() < 40'000);
  CHECK(text.find("ada") == std::string::npos);
  CHECK(text.find("two words") == std::string::npos);
  CHECK(stream.see(1, R"("state":"ada@example.com")") == Lines{"unknown_value state  >"});
  stream.restart();
  CHECK(stream.shape.stored().shape == StreamShape::read(stream.shape.stored())->stored().shape);
}

TEST_CASE("what another program wrote is no shape") {
  for (const char* text : {"", "[]", "{}", R"({"format":1,"syncs":0,"members":[[]]})",
                           R"({"format":2,"syncs":0,"members":[]})"}) {
    CHECK_FALSE(StreamShape::read({"pull_request", 3, text}));
  }
}
