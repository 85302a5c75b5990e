from datetime import date

import pytest

from cuoshi.tasks.lunar import festival_in_year, lunar_day_in_year


@pytest.mark.parametrize(
    ("name", "days"),
    [
        # As the State Council's holiday notices name them.
        ("春节", ["2003-02-01", "2019-02-05", "2020-01-25", "2021-02-12", "2023-01-22"]),
        ("除夕", ["2003-01-31", "2019-02-04", "2020-01-24", "2021-02-11", "2023-01-21"]),
        ("元宵节", ["2020-02-08", "2021-02-26", "2023-02-05"]),
        ("清明节", ["2019-04-05", "2020-04-04", "2021-04-04", "2023-04-05"]),
        ("端午节", ["2020-06-25", "2021-06-14", "2023-06-22"]),
        ("中秋节", ["2020-10-01", "2021-09-21", "2023-09-29"]),
        ("劳动节", ["2020-05-01"]),
        ("国庆", ["2020-10-01"]),
        ("小年", ["2020-01-17", "2021-02-04", "2025-01-22"]),  # the north's, 腊月二十三
        ("腊八", ["2020-01-02", "2021-01-20"]),
    ],
)
def test_festivals_fall_on_their_known_days(name: str, days: list[str]) -> None:
    for day in map(date.fromisoformat, days):
        assert festival_in_year(name, day.year) == day


def test_the_last_day_of_a_lunar_year_is_the_29th_or_the_30th() -> None:
    assert lunar_day_in_year(12, None, 2020) == date(2020, 1, 24)  # 三十
    assert lunar_day_in_year(12, None, 2022) == date(2022, 1, 31)  # 廿九
    assert lunar_day_in_year(12, 30, 2022) is None


def test_years_that_the_calendar_does_not_cover_have_no_day() -> None:
    assert festival_in_year("春节", 2200) is None
    assert festival_in_year("清明", 2200) is None
