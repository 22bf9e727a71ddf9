// Goal: tables fit, CSV is inert, widths are those of a terminal.
// Method: tables of texts.
#include "server/cli/text_table.hpp"
#include "tests/catch.hpp"

#include <sstream>

namespace evidenced::cli {
namespace {

TEST_CASE("the width of text is counted in columns, not in bytes") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("é…") == 2);
  CHECK(display_width("日本") == 4);
  CHECK(display_width("e\xcc\x81") == 1);
  CHECK(display_width("\xf0\x9f\x98\x80") == 2);
}

TEST_CASE("clipping keeps whole characters and never grows wider") {
  CHECK(clipped("short", 10) == "short");
  CHECK(clipped("longer text", 6) == "longe…");
  CHECK(clipped("日本語", 4) == "日…");
  CHECK(display_width(clipped("日本語日本語", 7)) <= 7);
}

TEST_CASE("a table takes from the widest column until a line fits") {
  const std::vector<std::string> head = {"A", "B"};
  const std::vector<std::vector<std::string>> rows = {{"one", std::string(60, 'x')}, {"two", "y"}};
  CHECK(text_table(head, rows, 0).contains(std::string(60, 'x')));
  std::istringstream lines(text_table(head, rows, 30));
  for (std::string line; std::getline(lines, line);) CHECK(display_width(line) <= 30);
}

TEST_CASE("the first column, which names the row, is clipped last") {
  const std::string id = "art_01M867GC7GTR4RWV5QQP6SS15E";
  const std::vector<std::vector<std::string>> rows = {{id, std::string(20, 'x'), "y"}};
  CHECK(text_table({"ID", "TITLE", "Z"}, rows, 44).contains(id));
  CHECK_FALSE(text_table({"ID", "TITLE", "Z"}, rows, 30).contains(id));
}

TEST_CASE("a spreadsheet takes no value of a CSV line for a formula") {
  CHECK(csv_line({"a", "", "b c"}) == "a,,b c\r\n");
  CHECK(csv_line({"=1+1", "+x", "-x", "@x", "\tx", "\rx"}) ==
        "'=1+1,'+x,'-x,'@x,'\tx,\"'\rx\"\r\n");
  CHECK(csv_line({"-5", "-1.5", "a=b"}) == "-5,-1.5,a=b\r\n");
  CHECK(csv_line({"say \"hi\"", "a,b", "a\nb"}) == "\"say \"\"hi\"\"\",\"a,b\",\"a\nb\"\r\n");
}

TEST_CASE("text for a terminal has nothing that moves the cursor") {
  CHECK(printable("a\x1b[0mb\n\xff") == "a\\u001b[0mb\\u000a\xef\xbf\xbd");
  CHECK(printable("é 日本") == "é 日本");
  CHECK(printable("\xf3\xa0\x80\x81") == "\xf3\xa0\x80\x81");
}

}  // namespace
}  // namespace evidenced::cli
