"""Goal: who interrupts a command finds the terminal as it was, and exit code 2.
Method: the real binary on a pseudo-terminal; a server that takes the request and never answers."""

import os
import pty
import select
import signal
import socket
import subprocess
import termios
import time
import unittest

BINARY = os.path.join(os.environ.get("EVIDENCED_BUILD", "build/dev"), "evidenced")
API_KEY = "ev_" + "a" * 10 + "_" + "b" * 43


def echoes(terminal):
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


class Interrupted(unittest.TestCase):
    def setUp(self):
        self.controller, self.terminal = pty.openpty()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.seen = b""

    def tearDown(self):
        self.listener.close()
        os.close(self.controller)
        os.close(self.terminal)

    def start(self, *arguments):
        port = self.listener.getsockname()[1]
        environment = {"EVIDENCED_URL": f"http://127.0.0.1:{port}",
                       "EVIDENCED_API_KEY": API_KEY}

        def own_terminal():
            os.setsid()
            os.close(os.open(os.ttyname(0), os.O_RDWR))

        process = subprocess.Popen([BINARY, *arguments], env=environment, stdin=self.terminal,
                                   stdout=self.terminal, stderr=self.terminal,
                                   preexec_fn=own_terminal)
        self.addCleanup(process.kill)
        return process

    def read_until(self, condition):
        deadline = time.monotonic() + 10
        while not condition():
            self.assertLess(time.monotonic(), deadline, self.seen)
            ready, _, _ = select.select([self.controller], [], [], 0.02)
            if ready:
                self.seen += os.read(self.controller, 4096)

    def check_cancelled(self, process):
        self.assertEqual(process.wait(timeout=10), 2)
        self.read_until(lambda: b"\r\nevidenced: cancelled\r\n" in self.seen)
        self.assertTrue(echoes(self.terminal))

    def test_at_the_prompt_for_a_token_the_echo_comes_back(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
            with self.subTest(number):
                self.seen = b""
                process = self.start("source", "add", "--name", "Main", "--email",
                                     "ada@example.com")
                self.read_until(lambda: self.seen and not echoes(self.terminal))
                process.send_signal(number)
                self.check_cancelled(process)

    def test_control_c_at_the_prompt_and_while_waiting_is_cancelled(self):
        prompt = self.start("source", "add", "--name", "Main", "--email", "ada@example.com")
        self.read_until(lambda: self.seen and not echoes(self.terminal))
        os.write(self.controller, b"\x03")
        self.check_cancelled(prompt)
        self.seen = b""
        waiting = self.start("sync", "watch", "syn_1")
        connection, _ = self.listener.accept()
        self.addCleanup(connection.close)
        self.assertTrue(connection.recv(4096))
        os.write(self.controller, b"\x03")
        self.check_cancelled(waiting)


if __name__ == "__main__":
    unittest.main()
