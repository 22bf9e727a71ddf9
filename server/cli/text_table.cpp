#include "server/cli/text_table.hpp"

#include "config/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace evidenced::cli {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};
constexpr std::array<Range, 11> wide = {{{0x1100, 0x115f},
                                         {0x2e80, 0x303e},
                                         {0x3041, 0xa4cf},
                                         {0xac00, 0xd7a3},
                                         {0xf900, 0xfaff},
                                         {0xfe30, 0xfe6f},
                                         {0xff00, 0xff60},
                                         {0xffe0, 0xffe6},
                                         {0x1f300, 0x1f64f},
                                         {0x1f680, 0x1faff},
                                         {0x20000, 0x3fffd}}};
constexpr std::array<Range, 5> zero = {
    {{0x0300, 0x036f}, {0x200b, 0x200d}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xe0100, 0xe01ef}}};

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t c) {
  return std::ranges::any_of(ranges, [c](Range r) { return c >= r.first && c <= r.last; });
}

std::size_t width_of(char32_t c) {
  if (within(zero, c)) return 0;
  return within(wide, c) ? 2 : 1;
}

/// Takes columns from the widest until the line fits; none gets narrower than `least`. The first
/// one names the row (an id that will be copied) and is clipped last.
void fit(std::vector<std::size_t>& widths, std::size_t line) {
  constexpr std::size_t least = 4;
  constexpr std::size_t gap = 2;
  std::size_t total = (widths.size() - 1) * gap;
  for (const std::size_t width : widths) total += width;
  while (total > line) {
    auto widest = std::max_element(widths.begin() + 1, widths.end());
    if (widest == widths.end() || *widest <= least) widest = widths.begin();
    if (*widest <= least) return;
    --*widest;
    --total;
  }
}

void append_row(std::string& out, const std::vector<std::string>& row,
                const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string cell = clipped(row[i], widths[i]);
    line += cell;
    line.append(widths[i] - display_width(cell) + 2, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    if (!point.valid) {
      out += "\xef\xbf\xbd";
    } else if (is_unprintable(point.value)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(point.value));
    } else {
      out += text.substr(0, point.size);
    }
    text.remove_prefix(point.size);
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    width += width_of(point.value);
    text.remove_prefix(point.size);
  }
  return width;
}

std::string clipped(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  std::string out;
  std::size_t used = 1;  // the ellipsis
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    used += width_of(point.value);
    if (used > width) break;
    out += text.substr(0, point.size);
    text.remove_prefix(point.size);
  }
  return out + "…";
}

std::string text_table(const std::vector<std::string>& head,
                       const std::vector<std::vector<std::string>>& rows, std::size_t width) {
  std::vector<std::vector<std::string>> lines = {head};
  for (const auto& row : rows) {
    std::vector<std::string> line;
    line.reserve(row.size());
    for (const std::string& cell : row) line.push_back(printable(cell));
    lines.push_back(std::move(line));
  }
  std::vector<std::size_t> widths(head.size(), 0);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(line[i]));
    }
  }
  if (width > 0) fit(widths, width);
  std::string out;
  for (const auto& line : lines) append_row(out, line, widths);
  return out;
}

std::string csv_line(const std::vector<std::string>& values) {
  std::string line;
  for (const std::string& value : values) {
    if (&value != &values.front()) line += ',';
    const bool formula = !value.empty() && std::string_view("=+-@\t\r").contains(value.front());
    const std::string guarded = formula && !is_number(value) ? "'" + value : value;
    if (guarded.find_first_of("\",\r\n") == std::string::npos) {
      line += guarded;
      continue;
    }
    line += '"';
    for (const char c : guarded) {
      if (c == '"') line += '"';
      line += c;
    }
    line += '"';
  }
  return line + "\r\n";
}

}  // namespace evidenced::cli
