#include "hub/core/mask.h"

#include <gtest/gtest.h>

namespace liandong::core {
namespace {

TEST(Mask, AMobileNumberKeepsItsEnds) {
  EXPECT_EQ(MaskPhone("13812341234"), "138****1234");
  EXPECT_EQ(MaskPhone("138 1234-1234"), "138****1234");
  EXPECT_EQ(MaskPhone("+86 138 1234 1234"), "861****1234");
  EXPECT_EQ(MaskPhone("13812341234、13955556666"), "138****1234 139****6666");
}

TEST(Mask, WhatCouldBeGuessedOrIsNoNumberIsHiddenWhole) {
  EXPECT_EQ(MaskPhone(""), "");
  EXPECT_EQ(MaskPhone("110"), "****");
  EXPECT_EQ(MaskPhone("05788812"), "****");
  EXPECT_EQ(MaskPhone("找王师傅"), "****");
  EXPECT_EQ(MaskPhone("王先生 13812341234 转 802"), "138****1234 ****");
  EXPECT_EQ(MaskPhone("１３８１２３４１２３４"), "****");
}

TEST(Mask, OfANameTheFirstCharacterIsLeft) {
  EXPECT_EQ(MaskName(""), "");
  EXPECT_EQ(MaskName("张三"), "张**");
  EXPECT_EQ(MaskName("张三丰"), "张**");
  EXPECT_EQ(MaskName("𠮷田"), "𠮷**");
  EXPECT_EQ(MaskName("Zhang"), "Z**");
  EXPECT_EQ(MaskName("张"), "**");
}

TEST(Mask, EachMaskedFieldNamesItsWhole) {
  for (int number = v1::Field_MIN; number <= v1::Field_MAX; ++number) {
    if (!v1::Field_IsValid(number)) continue;
    const auto field = static_cast<v1::Field>(number);
    const std::string& name = v1::Field_Name(field);
    const size_t ends = name.rfind("_MASKED");
    if (ends == std::string::npos) {
      EXPECT_EQ(WholeOf(field), v1::FIELD_UNSPECIFIED) << name;
    } else {
      EXPECT_EQ(v1::Field_Name(WholeOf(field)), name.substr(0, ends));
    }
  }
}

}  // namespace
}  // namespace liandong::core
