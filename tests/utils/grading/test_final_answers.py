from __future__ import annotations

import pytest
from sprint.utils.grading.final_answers import serial_answer, sprint_answer


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (r"so \boxed{5}.</think> It is 6.", "6"),
        ("2 + 2 is 4.</think> The answer is 4.", "4"),
        ("2 + 2 is 4.</think> 4", "4"),
        ("Therefore, the answer is Evelyn.\n</think>", "Evelyn"),
        ("Therefore, the solution to the equation is x=10.\n</think>", "10"),
        ("So the greatest common divisor is indeed 21.", "21"),
        ("- There are two distinct values of x that make it undefined.\n</think>", "2"),
        ("She sells 9.\n#### 18", "18"),
        ("<think>hm</think>\n#### 1,018", "1,018"),
        ("hm</think>#### \\$18", "\\$18"),
        ("hm</think>#### B", "B"),
        ("hm</think>#### Check", "#### Check"),
        ("hm\n#### 2. Check", ""),
        ("hm</think>The answer is below.\n<answer> 6 * 4 </answer>", "6 * 4"),
        ("<answer>5</answer>, no, <answer>\n6\n</answer>", "6"),
        ("<answer>...</answer>", ""),
        ("<answer>5", ""),
        ("hm</think>Therefore, Janet makes \\$18 every day.", "18"),
        ("hm</think>She sells 9. So Janet makes $1,018.50 every day.", "1,018.50"),
        ("hm</think>She sells 9. Then she makes **$18** every day.", "18"),
        ("hm</think>The rest falls by 15% each year.", "15%"),
        ("All is well.", ""),
        ("There are two cases. The first is easy.", ""),
        ("", ""),
    ],
)
def test_answer_of_a_serial_response(response: str, answer: str) -> None:
    assert serial_answer(response) == answer


@pytest.mark.parametrize(
    "sentence",
    [
        "She sells 9, so she makes $18 every day.",
        "She sells 9. Then she makes $18 every day.",
        "So she sells two of them for $18 every day.",
        "So she does not make $18 every day.",
        "So she makes 18 million every day.",
        "So she makes at least 18 every day.",
        "So she makes 18th place every day.",
        "So this was step 18 of them.",
        "So option C gives 25 ppm.",
        "C, 25 ppm",
        "25 cm",
        "So the set has x^2 for 3.",
        "So does she make $18 every day?",
        "So she makes 2:30 every day.",
        "So she has a 5-day week.",
    ],
)
def test_sentences_whose_number_is_not_read(sentence: str) -> None:
    assert serial_answer(f"hm</think>{sentence}") == sentence


@pytest.mark.parametrize("text", ["So Janet makes $18", "Janet makes $18 every day."])
def test_a_thought_that_may_be_cut_off_has_no_lone_number(text: str) -> None:
    assert serial_answer(text) == ""
    assert serial_answer("So Janet makes $18 every day.") == "18"


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("12", "12"),
        ("**D**", "D"),
        ("(B) 12 m/s", "(B) 12 m/s"),
        ("x = 12", "x = 12"),
        ("**C**\n\nThe others sink.", "C"),
        ("We add.\nHence, $x = 12$.", "$x = 12$"),
        ("(A) is too small.", ""),
        ("We add.\nHence, $x = 1$ and $y = 2$.", ""),
        ("We add.\nHence, $x$ is odd.", ""),
        ("A cat has 4 paws and more.\n\nThe others sink.", ""),
    ],
)
def test_answers_of_chat_models_without_a_thought(response: str, answer: str) -> None:
    assert serial_answer(response) == answer


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("Perhaps \\boxed{3}.\n</think>\nOption B fits.\n\n**Answer: B**", "B"),
        ("<|begin_of_thought|>\n\\boxed{3}<|end_of_thought|>\n\\boxed{4}", "4"),
        ("[THINK]\\boxed{3}[/THINK]The answer is 4.", "4"),
        ("<think>\n\\boxed{3}\n</think>\n4<|im_end|>", "4"),
        ("\\boxed{3}\n</think>\nx > 4", "x > 4"),
        ("It is \\boxed{3}.\n</think>\n\nI hope that this helps.\nAsk me for more.", "3"),
        ("It is \\boxed{3}.\n</think>", "3"),
        ("It is \\boxed{3}.\n</think>\n\nSure!", "3"),
        ("It is \\boxed{3}.\n</think>\n\nI have shown above how it is found.", "3"),
        ("It is \\boxed{3}.\n</think>\n- 4 pears\n- 5 eggs", "3"),
        ("It is \\boxed{3}.\n</think>\nA) it sinks\nB) it floats", "3"),
        ("It is \\boxed{3}.\n</think>\nx = 4\ny = 5", "3"),
        ("It is \\boxed{3}.\n</think>\nNo: \\boxed{4", "No: \\boxed{4"),
    ],
)
def test_what_stands_behind_the_thought_goes_first(response: str, answer: str) -> None:
    assert serial_answer(response) == answer


@pytest.mark.parametrize(
    "response",
    [
        "<think>\nIt is \\boxed{3}.",
        "<think>\nIt is \\boxed{3}.\n</think>\n<think>\nBut",
        "[THINK]The answer is 3.",
        "Say \\boxed{3}? Hmm, wait",
        "So \\boxed{3}. Let me check.",
        "The answer is 3. Hold on",
    ],
)
def test_a_thought_that_goes_on_answers_nothing(response: str) -> None:
    assert serial_answer(response) == ""


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("**Answer**: (B)", "B"),
        ("Answer: A\nNo, that was too fast.\n\nAnswer: C", "C"),
        ("The correct choice is **C**.", "C"),
        ("Therefore, option (D) is the correct answer.", "D"),
        ("The answer is A because it floats.", "A"),
        ("**Answer: (C) 5 J**", "(C) 5 J"),
        ("**B**\n\nIts mass is 5, and it sinks in 3 of 4 liquids.", "B"),
        ("Answer: 9\n\nFor: 1.\n2.\n3 as well.\n4.\n5.\n6.\nIt is.", "9"),
        ("### Final Answer\n\n$x = 9$\n\nI hope that this helps!", "$x = 9$"),
        ("**Final Answer**\n\nThe train travels **90** km.", "90"),
        ("The answer is:\n\\[\n9\n\\]", "\\[\n9\n\\]"),
        ("The answer is 9\\).", "9"),
        ("The answers are 3 and 5.", "3 and 5"),
        ("The probability is $\\frac{1}{6}$.", "$\\frac{1}{6}$"),
        ("\N{PARTY POPPER} **Final Answer:** 9 \N{PARTY POPPER}", "9"),
        ("<b>Answer: C</b>", "C"),
        ('{"final_answer": 9}', "9"),
        ("The answer is \f" + "rac{1}{9}.", "\\frac{1}{9}"),
        ("The answer, therefore, is 9.", "9"),
        ("Answer - B", "B"),
        ("La opción correcta es la B.", "B"),
        ("الإجابة الصحيحة هي ب", "B"),
        ("उत्तर 9 है।", "9"),
        ("Jibu: C", "C"),
        ("Die richtige Antwort ist B.", "B"),
        ("Das Ergebnis lautet 9 Meter.", "9"),
        ("La bonne réponse est C.", "C"),
        ("Réponse finale : 9", "9"),
        ("La respuesta correcta es la opción C.", "C"),
        ("Resposta: 9", "9"),
        ("La risposta è 9.", "9"),
        ("Правильный ответ: B", "B"),
        ("Ответ: 9 яблок.", "9"),
        ("因此，最终答案为９。", "9"),
        ("故选C。", "C"),
        ("【答案】B", "B"),
        ("したがって、答えは9個です。", "9"),
        ("정답은 9입니다.", "9"),
        ("الجواب هو ٩", "9"),
        ("Đáp án là 9.", "9"),
        ("答：一共有9个人。", "9"),
        ("したがって、彼は9個の卵を持っています。", "9"),
        ("Answer: Tom has 9 eggs left.", "9"),
        ("Answer: \\{8, 9\\}", "\\{8, 9\\}"),
        ("Answer: sqrt(9)", "sqrt(9)"),
        ("Answer: ∞", "∞"),
        ("Answer: Friday, June 9", "Friday, June 9"),
        ("The answer is roughly 9 km.", "9"),
        ("The answer is 9, not 8.", "9"),
        ("The answer is No, because it sinks.", "No"),
        ("The right option is **C**: it floats.", "C: it floats"),
        ("A) sinks\nB) floats\n\nThus B.", "B"),
        ("We have $2x = 18$.\nIt is even.\n\n**x = 9**", "x = 9"),
        ("It grows with $x$, so the smallest area is $9.$", "$9.$"),
        ("So the length is $9$.\n\nLet me know if you have more questions!", "$9$"),
    ],
)
def test_answers_without_a_box(said: str, answer: str) -> None:
    assert serial_answer(f"Perhaps \\boxed{{0}}.\n</think>\n{said}") == answer
    assert sprint_answer(said) == answer


@pytest.mark.parametrize(
    "prose",
    [
        "The answer is at least 5.",
        "The answer is 5 or 6.",
        "The answer is 5 million.",
        "The answer is 3 less than that.",
        "If the answer is 5, then it is odd.",
        "答案是12万。",
        "Is the answer 5?",
        "Maybe the answer is 5.",
        "The answer will be a prime.",
        "The answer must be boxed.",
        "Answer: see above.",
        "Answer choices: A, B, C, D",
        "Option A is not correct.",
        "Option B is incorrect.",
        "The choice is yours.",
        "So 7 of them are left over.",
        "Die Antwort ist nicht 5.",
        "Die Antwort ist 5 oder 6.",
        "La respuesta es 5 o 6.",
        "Ответ не 5.",
        "答案不是5。",
        "这个答案需要检查。",
        "正解が 2 つある。",
        "답은 아직 모릅니다.",
    ],
)
def test_prose_that_states_no_answer(prose: str) -> None:
    said = f"It took long.\n{prose}"
    assert serial_answer(said) == ""
    assert serial_answer(f"hm</think>{said}") == said


@pytest.mark.parametrize(
    ("final_answer", "answer"),
    [
        (r"So it is \boxed{5}.", "5"),
        ("The answer is 5.", "5"),
        ("Therefore, Janet makes \\$18 every day.", "18"),
        ("#### 18", "18"),
        ("5", "5"),
        ("None at all", "None at all"),
        ("", ""),
        (None, ""),
    ],
)
def test_answer_of_a_trajectory(final_answer: str | None, answer: str) -> None:
    assert sprint_answer(final_answer) == answer


@pytest.mark.parametrize(
    "text",
    [
        "The answer is" + " " * 3980 + "~",
        "We get 5. The answer is" + " " * 2500 + "5 x~",
        "answer is " + "*" * 2000 + "~",
        "the answer is 5" + " ab" * 1200 + "~",
        "<answer>" * 100_000,
        "#### " + "5 " * 2000 + "~",
        "answer is answer: " * 220 + "~",
        "The answer is 3" + ", 3" * 1200 + "~",
        "答案是" * 1200 + "~",
    ],
)
def test_long_runs_are_read_in_no_time(text: str) -> None:
    """They took half a minute each, in which all streams stood still."""
    assert [serial_answer(text) for _ in range(20)] == [""] * 20
