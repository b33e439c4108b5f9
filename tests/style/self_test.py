"""Each style check is shown a fault and must find it, and something sound and must be silent."""
import tempfile
import unittest

import check_bounds
import check_contract
import check_format
import check_includes
import check_length
import check_words


def includes(path, *names):
    return check_includes.check(path, "".join(f"#include {name}\n" for name in names))


class Includes(unittest.TestCase):
    def test_forbidden_arrows(self):
        for path, name in [
                ("routing/match.cc", '"hub/core/state.h"'), ("routing/match.cc", '"security/seal.h"'),
                ("hub/core/decide.cc", '"hub/log/event_log.h"'), ("hub/core/decide.cc", '"hub/sequencer.h"'),
                ("hub/core/decide.cc", '"security/seal.h"'), ("hub/core/decide.cc", "<sqlite3.h>"),
                ("security/seal.cc", '"routing/match.h"'), ("security/seal.cc", '"liandong/v1/common.pb.h"'),
                ("hub/log/sqlite_log.cc", '"hub/history/history.h"'), ("hub/sequencer.cc", '"hub/service/rpc.h"'),
                ("hub/sequencer.cc", "<grpcpp/grpcpp.h>"), ("hub/assembly.cc", '"liandong/v1/link.grpc.pb.h"'),
                ("adapters/spool/spool.cc", '"hub/core/limits.h"'), ("adapters/client/x.cc", '"routing/match.h"'),
                ("adapters/police_110/codec.cc", '"adapters/medical_120/codec.h"'),
                ("adapters/text/json.cc", '"adapters/mapping/profile.h"'), ("adapters/cli/ack.cc", "<grpcpp/grpcpp.h>"),
                ("adapters/mapping/inbound.cc", '"adapters/spool/spool.h"'), ("hub/streams.cc", '"streams.h"'),
                ("newfolder/a.cc", "<vector>")]:
            self.assertEqual(len(includes(path, name)), 1, f"{path} includes {name}")

    def test_allowed_arrows(self):
        self.assertEqual(includes("hub/core/decide.cc", "<vector>", '"absl/status/status.h"', '"routing/match.h"',
                                  '"liandong/v1/record.pb.h"', '"hub/core/state.h"'), [])
        self.assertEqual(includes("hub/service/rpc.h", "<grpcpp/grpcpp.h>", '"hub/sequencer.h"'), [])
        self.assertEqual(includes("adapters/runtime/link.cc", '"adapters/client/hub_client.h"', "<sys/stat.h>"), [])
        self.assertEqual(includes("tests/promises/a.cc", "<grpcpp/grpcpp.h>", '"hub/assembly.h"', "<gtest/gtest.h>"), [])


class Bounds(unittest.TestCase):
    def test_without_reason(self):
        self.assertEqual(len(check_bounds.reasonless("limits.h", "inline constexpr int kA = 3;\n")), 1)
        self.assertEqual(len(check_bounds.reasonless("limits.h", "// one\ninline constexpr int kA = 3;\n\n"
                                                                 "inline constexpr int kB =\n    4;\n")), 1)

    def test_with_reason(self):
        self.assertEqual(check_bounds.reasonless("limits.h", "inline constexpr int kA = 3;  // three of them\n"
                                                             "inline constexpr int kB =\n    4;  // two pairs\n"), [])
        self.assertEqual(check_bounds.reasonless("limits.h", "// as many as there are\ninline constexpr int kA = 3;\n"
                                                             "inline constexpr int kB = 3;\n"), [])

    def test_unused(self):
        bound = "inline constexpr int kA = 3;  // why\n"
        self.assertEqual(len(check_bounds.unused({"x/limits.h": bound, "x/a.cc": "int kAb = 0;\n"})), 1)
        self.assertEqual(check_bounds.unused({"x/limits.h": bound, "x/a.cc": "int a = kA;\n"}), [])
        self.assertEqual(check_bounds.unused({"x/limits.h": bound + "inline constexpr int kB = kA;  // b\n",
                                              "x/a.cc": "int b = kB;\n"}), [])


class Contract(unittest.TestCase):
    def test_change_removal_addition(self):
        agreed = ["field a.M 1 x: string", "value a.E 1 ONE"]
        self.assertEqual(check_contract.compare(agreed, agreed), ([], []))
        broken, new = check_contract.compare(agreed, ["field a.M 1 x: bytes", "value a.E 1 ONE"])
        self.assertEqual((len(broken), len(new)), (1, 1))
        broken, new = check_contract.compare(agreed, agreed[:1])
        self.assertEqual((len(broken), len(new)), (1, 0))
        broken, new = check_contract.compare(agreed, agreed + ["value a.E 2 TWO"])
        self.assertEqual((len(broken), len(new)), (0, 1))

    def test_lines_name_number_and_type(self):
        lines = check_contract.lines_of(check_contract.compile_protos())
        self.assertGreater(len(lines), 100)
        self.assertTrue(any(line.startswith("call liandong.v1.Link/") for line in lines))
        self.assertTrue(any(line.startswith("field liandong.v1.Report 1 ") for line in lines))


class Words(unittest.TestCase):
    def test_found(self):
        for text in ["// TO" + "DO: later", "-----BEGIN EC PRIVATE " + "KEY-----",
                     '"resolved": "https://registry' + '.npmjs.org/x.tgz"', "https://pypi" + ".org/simple"]:
            self.assertEqual(len(check_words.check("a.txt", text)), 1, text)
        self.assertEqual(len(check_words.check("deploy/hub.key", "")), 1)

    def test_sound(self):
        self.assertEqual(check_words.check("a.cc", "// reads the registry of parties; see https://www.gov.cn/\n"), [])


class Length(unittest.TestCase):
    def test_length(self):
        self.assertEqual(check_length.check("a.cc", "\n" * 500), [])
        self.assertEqual(len(check_length.check("a.cc", "\n" * 501)), 1)


class Format(unittest.TestCase):
    def test_badly_formatted_file_is_named(self):
        name = check_format.program()
        if name is None:
            self.skipTest("no clang-format 14")
        with tempfile.NamedTemporaryFile("w", suffix=".cc") as file:
            file.write("int   a ;\n")
            file.flush()
            self.assertEqual(len(check_format.check(name, [file.name])), 1)


if __name__ == "__main__":
    unittest.main()
