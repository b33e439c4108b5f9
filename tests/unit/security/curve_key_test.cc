#include "security/curve_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "security/file.h"
#include "tests/unit/security/temporary_folder.h"

namespace liandong::security {
namespace {

// The key pairs of ZeroMQ's own manual page zmq_curve.
TEST(CurveKey, TheKeysOfZeroMqsManual) {
  const auto client = CurveKeyFromSecret("D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs");
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ(client->public_z85, "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID");
  const auto server = CurveKeyFromSecret("JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6");
  ASSERT_TRUE(server.ok());
  EXPECT_EQ(server->public_z85, "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7");
}

TEST(CurveKey, FilesAreMadeOnceAndReadBack) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/feed.curve";
  const auto made = CreateCurveKeyFile(path);
  ASSERT_TRUE(made.ok()) << made.status();
  const auto read = ReadCurveKeyFile(path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->public_z85, made->public_z85);
  EXPECT_EQ(read->secret_z85, made->secret_z85);
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_TRUE(absl::IsAlreadyExists(CreateCurveKeyFile(path).status()));
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadCurveKeyFile(path).status()));
}

TEST(CurveKey, WhatIsNoKeyFileIsRefusedWithoutRepeatingIt) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/feed.curve";
  const CurveKey a = MakeCurveKey(), b = MakeCurveKey();
  EXPECT_NE(a.secret_z85, b.secret_z85);
  for (const std::string& text : {std::string(), std::string("public = x\nsecret = y\n"),
                                  "public = " + a.public_z85 + "\nsecret = " + b.secret_z85 + "\n",
                                  "public = " + a.public_z85 + "\nsecret = " + a.secret_z85 + "x\n"}) {
    ASSERT_TRUE(WriteFileAtomic(path, text, 0600).ok());
    const auto read = ReadCurveKeyFile(path);
    EXPECT_TRUE(absl::IsInvalidArgument(read.status())) << text;
    EXPECT_EQ(std::string(read.status().message()).find(b.secret_z85), std::string::npos);
  }
  for (const std::string& text : {std::string("short"), std::string(40, '"'), std::string(40, '#')}) {
    EXPECT_FALSE(CurveKeyFromSecret(text).ok()) << text;
  }
}

}  // namespace
}  // namespace liandong::security
