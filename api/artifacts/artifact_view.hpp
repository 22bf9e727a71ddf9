#pragma once

#include "api/json_out.hpp"
#include "api/json_pen.hpp"
#include "config/error.hpp"
#include "storage/artifact_store.hpp"

#include <bitset>
#include <span>
#include <string>
#include <string_view>

namespace evidenced::api {

/// One member of an artifact: how it is written as JSON, and as a column of a CSV.
struct ArtifactField {
  std::string_view key;  ///< as it is written: "title":
  void (*write)(JsonPen&, const storage::ArtifactView&);
  bool in_csv;  ///< a column where nothing was asked for

  constexpr std::string_view name() const { return key.substr(1, key.size() - 3); }
};

/// All members, in the order of the answer.
std::span<const ArtifactField> artifact_fields();

/// Which members are asked for.
using FieldSet = std::bitset<32>;

/// Reads `fields` ("id,title"), repeated or separated by commas; none: all. `id` is always in.
/// Errors: request.invalid_field.
Result<FieldSet> read_fields(const std::vector<std::string>& lists);

FieldSet all_fields();
FieldSet csv_fields();

/// Whether content has to be read.
bool wants_content(const FieldSet& fields);

/// Appends an artifact; its content goes in verbatim.
void write_artifact(std::string& out, const storage::ArtifactView& artifact,
                    const FieldSet& fields);
void write_revision(JsonOut& json, const storage::Revision& revision);

/// One CSV record (RFC 4180, CRLF); a text that a spreadsheet would take for a formula gets a
/// quote in front (OWASP CSV injection).
void write_csv_header(std::string& out, const FieldSet& fields);
void write_csv_record(std::string& out, const storage::ArtifactView& artifact,
                      const FieldSet& fields);
void append_csv_cell(std::string& out, std::string_view text);

}  // namespace evidenced::api
