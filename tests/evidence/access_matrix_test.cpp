// Goal: a cell of the matrix says what was told of it, and nothing that nobody knows.
// Method: small matrices by hand.
#include "evidence/access_matrix.hpp"

#include "tests/catch.hpp"

using namespace evidenced::evidence;

namespace {

AccessRepository repository(const std::string& uuid, bool known = true) {
  AccessRepository made;
  made.uuid = uuid;
  made.known = known;
  return made;
}

}  // namespace

TEST_CASE("words of permissions are known, others are not") {
  CHECK(permission_of("admin") == Permission::admin);
  CHECK(permission_of("create-repo") == Permission::write);
  CHECK(permission_of("none") == Permission::none);
  CHECK_FALSE(permission_of("Admin"));
  CHECK_FALSE(permission_of(""));
  for (const Permission permission :
       {Permission::none, Permission::read, Permission::write, Permission::admin}) {
    CHECK(permission_of(name_of(permission)) == permission);
  }
}

TEST_CASE("a cell holds the highest permission that was told, whatever the order") {
  AccessMatrix matrix({repository("{a}"), repository("{b}"), repository("{c}")});
  const std::size_t ada = matrix.person_place("{ada}");
  matrix.raise(ada, 0, Permission::read);
  matrix.raise(ada, 0, Permission::admin);
  matrix.raise(ada, 1, Permission::write);
  matrix.raise(ada, 1, Permission::read);
  CHECK(matrix.letters(ada) == "AW-");
  const AccessCounts counts = matrix.counts(ada);
  CHECK(counts.admin == 1);
  CHECK(counts.write == 1);
  CHECK(counts.read == 0);
}

TEST_CASE("what is not known is never shown as none") {
  AccessMatrix matrix({repository("{known}"), repository("{gap}", false)});
  const std::size_t member = matrix.person_place("{member}");
  const std::size_t granted = matrix.person_place("{granted}");
  matrix.raise(granted, 1, Permission::read);  // seen before the list failed
  CHECK(matrix.letters(member) == "-?");
  CHECK(matrix.letters(granted) == "-R");
  CHECK(matrix.counts(member).read == 0);
}

TEST_CASE("people and repositories are found by their ids alone") {
  AccessMatrix matrix({repository("{a}")});
  const std::size_t first = matrix.person_place("{ada}");
  CHECK(matrix.person_place("{bo}") != first);
  CHECK(matrix.person_place("{ada}") == first);
  CHECK(matrix.find_person("{ada}") == first);
  CHECK_FALSE(matrix.find_person("{nobody}"));
  CHECK(matrix.repository_place("{a}") == 0u);
  CHECK_FALSE(matrix.repository_place("{z}"));
  CHECK(matrix.people().size() == 2);
}
