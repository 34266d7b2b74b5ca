from guardrails.policy.show import render

POLICY = """policy: p
mode: enforce
limits: {characters: 50_000}
on_unjudged: flag
replies: {block: "I can't help with that."}
input:
- {check: classifier, threshold: 0.9, timeout: 250ms}
- {check: classifier, rule: one, with: {model: other}, target_fpr: 0.01}
- {check: classifier, rule: two, with: {model: guard}, target_fpr: 0.01}
- {check: words, rule: names, with: {words: [a]}, then: redact, redact: {as: mask}}
- check: words
  rule: watched
  with: {words: [b]}
  then: flag
  on_error: allow
  surfaces: [user, tool]
"""

SHOWN = """\
policy       p
file         p.yaml
hash         {hash}
mode         enforce
limits       50,000 characters, 1,000 parts, 40,000,000 pixels, 16 frames
on unjudged  flag
saturated    refuse
streams      hold, judged by 60 characters and the 32 before them
reply        block: "I can't help with that."
model        fake b5d54c39e666
model        guard a9d4034da07d
model        other d9298a10d1b0

input, wave 1: light
  rule     check  from  then            on error  unjudged  timeout  surfaces   always  model
  names    words  0.5   redact as mask  block     block     1s       all
  watched  words  0.5   flag            allow     block     1s       tool user  yes
input, wave 2: model
  rule        check       from    then   on error  unjudged  timeout  surfaces  always  model
  classifier  classifier  0.9     block  block     block     250ms    all               fake
  one         classifier  0.8125  block  block     block     5s       all               other
  two         classifier  below   block  block     block     5s       all               guard
    two from bad 0.75, worse 0.625

output: no rules, everything passes
"""


def test_an_operator_sees_what_will_run(compiling):
    plan = compiling(POLICY)
    assert render(plan) == SHOWN.format(hash=plan.hash)


def test_an_operator_sees_what_holds_a_streamed_answer_back(compiling):
    plan = compiling("policy: p\noutput:\n- {check: words, with: {words: [a]}, needs: whole}\n")

    shown = render(plan)

    assert "hold, held back until the answer is whole: 'words' needs that" in shown
