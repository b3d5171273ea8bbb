from thoracle.prognosis.variables import VARIABLES
from thoracle.reporting.variable_texts import VARIABLE_TITLES


def test_titles_are_those_of_the_table_of_variables() -> None:
    titles = {one.name: one.title for one in VARIABLES}
    assert dict(VARIABLE_TITLES) == {**titles, "age": "Age", "sex": "Sex"}
