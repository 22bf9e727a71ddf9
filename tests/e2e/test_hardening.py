"""Goal: what the linker and the compiler can do against a mistake in memory is in the binary that ships (quality, section 3).
Method: readelf on the binary itself; a flag that a toolchain drops in silence is seen here.
"""
import subprocess
import unittest

import harness


def readelf(*flags):
    return subprocess.run(["readelf", "-W", *flags, str(harness.BUILD / "evidenced")], capture_output=True, text=True,
                          check=True).stdout


class Hardening(unittest.TestCase):
    def test_it_is_loaded_anywhere(self):
        self.assertRegex(readelf("-h"), r"Type:\s+DYN")
        self.assertRegex(readelf("-d"), r"FLAGS_1\).*\bPIE\b")

    def test_what_is_relocated_is_read_only_before_main(self):
        self.assertIn("GNU_RELRO", readelf("-l"))
        self.assertRegex(readelf("-d"), r"\bBIND_NOW\b|\bNOW\b")

    def test_no_page_is_writable_and_executable(self):
        segments = [line.split() for line in readelf("-l").splitlines() if line.split()[:1] in (["LOAD"], ["GNU_STACK"])]
        self.assertTrue(any(segment[0] == "GNU_STACK" for segment in segments))
        for segment in segments:
            rights = "".join(segment[6:-1])
            self.assertFalse("W" in rights and "E" in rights, segment)

    def test_stack_and_buffers_are_guarded(self):
        symbols = readelf("--dyn-syms")
        self.assertIn("__stack_chk_fail", symbols)
        self.assertRegex(symbols, r"__(memcpy|read|snprintf|vsnprintf|memset|recv|fdelt)_chk\b")


if __name__ == "__main__":
    unittest.main()
