// Goal: only a key that is one, and that nobody else can read, is taken.
// Method: real files with real modes.
#include "config/master_key.hpp"

#include "tests/catch.hpp"
#include "tests/folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace evidenced {
namespace {

const std::string key_text = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";  // bytes 0 to 31

std::string code_of(const Settings& settings) {
  const Result<Secret> key = load_master_key(settings);
  return key ? "ok" : std::string(key.error().code.text());
}

Settings with_file(const std::string& path) {
  Settings settings;
  settings.master_key_file = path;
  return settings;
}

TEST_CASE("32 bytes in base64 are read, with or without a line's end") {
  const test::Folder folder;
  for (const std::string& text : {key_text, key_text + "\n", "  " + key_text + "\r\n"}) {
    ::unlink(folder.file("key").c_str());
    const std::string path = folder.write("key", text, 0400);
    const Result<Secret> key = load_master_key(with_file(path));
    REQUIRE(key.has_value());
    REQUIRE(key->reveal().size() == 32);
    CHECK(key->reveal().front() == '\0');
    CHECK(key->reveal().back() == '\x1f');
  }
}

TEST_CASE("a key of another form is invalid") {
  const test::Folder folder;
  const std::vector<std::string> wrong = {"",
                                          "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh",
                                          "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==",
                                          "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8A",
                                          "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdH-8=",
                                          "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBk\nGxwdHh8=",
                                          key_text + " " + key_text,
                                          std::string(1000, 'A')};
  for (const std::string& text : wrong) {
    CAPTURE(text);
    ::unlink(folder.file("key").c_str());
    CHECK(code_of(with_file(folder.write("key", text, 0600))) == "key.invalid");
  }
}

TEST_CASE("a key file that others may touch is refused, with the command that mends it") {
  const test::Folder folder;
  const std::string path = folder.write("key", key_text, 0600);
  CHECK(code_of(with_file(path)) == "ok");
  for (const unsigned mode : {0644U, 0640U, 0604U, 0620U, 0700U, 0440U}) {
    CAPTURE(mode);
    chmod(path.c_str(), mode);
    const Result<Secret> key = load_master_key(with_file(path));
    REQUIRE_FALSE(key.has_value());
    CHECK(key.error().code.text() == "key.mode");
    CHECK(key.error().detail.contains("chmod 0400 " + path));
  }
}

TEST_CASE("a key file of another user is refused") {
  if (::geteuid() != 0) return;  // only root can give a file away
  const test::Folder folder;
  const std::string path = folder.write("key", key_text, 0400);
  REQUIRE(::chown(path.c_str(), 12345, 12345) == 0);
  CHECK(code_of(with_file(path)) == "key.mode");
}

TEST_CASE("a key that is nowhere, or that is no file, is missing") {
  const test::Folder folder;
  CHECK(code_of(with_file(folder.file("none"))) == "key.missing");
  CHECK(code_of(with_file(folder.path())) == "key.missing");
  ::unsetenv("CREDENTIALS_DIRECTORY");
  CHECK(code_of(Settings()) == "key.missing");
}

TEST_CASE("without a file of ours the systemd credential is read, whatever its mode") {
  const test::Folder folder;
  folder.write("master-key", key_text, 0440);
  ::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
  CHECK(code_of(Settings()) == "ok");
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_CASE("a created key is private, can be loaded, and is never written over") {
  const test::Folder folder;
  SystemRandom random;
  const std::string path = folder.file("master.key");
  REQUIRE(create_master_key(path, random).has_value());
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0400);
  CHECK(code_of(with_file(path)) == "ok");
  const std::string before = test::read_file(path);
  const Result<void> again = create_master_key(path, random);
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error().code.text() == "storage.exists");
  CHECK(test::read_file(path) == before);
  const Result<void> nowhere = create_master_key(folder.file("no/folder"), random);
  REQUIRE_FALSE(nowhere.has_value());
  CHECK(nowhere.error().code.text() == "storage.not_writable");
}

}  // namespace
}  // namespace evidenced
