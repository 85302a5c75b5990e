from cuoshi.stages.duplicates import find_copies, group_speeches


def test_two_versions_of_one_talk_are_one_group() -> None:
    talk = "".join(f"第{i}点要求是各镇逐户登记返乡人员第{i}号台账" for i in "一二三四五六七八九十")
    other = "".join(f"明年{i}季度经济运行分析与财政预算执行{i}" for i in "甲乙丙丁戊己庚辛")
    groups = group_speeches({"a": talk, "b": other, "c": talk[40:] + "谢谢大家"}, 0.2)
    assert sorted(groups) == [["a", "c"], ["b"]]


def test_copies_are_found_despite_figures_marks_and_small_changes() -> None:
    original = "要利用好市民服务热线这一渠道，配强配齐专职人员，会后立即建立热线疫情咨询专席；"
    texts = [
        "要利用好市民服务热线这一渠道,配强配齐专职人员,会后立即建立热线疫情咨询专席;",
        "要利用好市民服务热线这一渠道，配齐配强专职人员，会后立即建立疫情热线咨询专席。",
        "要利用好村里的大喇叭这一渠道，早晚各播一遍。",
        "同志们：",
    ]
    assert set(find_copies(texts, [original, "同志们!"], 0.7)) == {0, 3}
    assert set(find_copies(texts, [original], 0.4)) == {0, 1}
