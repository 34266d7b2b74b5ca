"""A pipeline of diffusers with a policy round it: a tiny one with chance for weights."""

import pytest
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from guardrails.client import Blocked
from guardrails.client.integrations.diffusers import guard_diffusion
from guardrails.core.errors import ContentError
from guardrails.engine.engine import Engine
from guardrails.policy.loader import load

POLICY = """policy: {name}
input:
- {{check: keywords, with: {{words: [zephyr]}}, then: block}}
- {{check: keywords, rule: names, with: {{words: [Ada]}}, then: redact}}
output:
- {{check: unsafe_image, threshold: {threshold}, then: block}}
"""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory, models):
    """A policy that blocks no picture that this model makes, and one that blocks all."""
    folder = tmp_path_factory.mktemp("policies")
    for name, threshold in (("fine", 1.0), ("strict", 0.0)):
        (folder / f"{name}.yaml").write_text(POLICY.format(name=name, threshold=threshold))
    return Engine(load(folder, models))


@pytest.fixture
def pipe():
    torch.manual_seed(0)
    letters = [*"abcdefghijklmnopqrstuvwxyz<>_"]
    vocabulary = {"<|startoftext|>": 0, "<|endoftext|>": 1}
    for letter in letters:
        vocabulary[letter] = len(vocabulary)
        vocabulary[f"{letter}</w>"] = len(vocabulary)
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=16)
    unet = UNet2DConditionModel(
        block_out_channels=(8, 16), layers_per_block=1, sample_size=8, in_channels=4,
        out_channels=4, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), cross_attention_dim=16,
        norm_num_groups=4, attention_head_dim=4,
    )  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=(8, 16), in_channels=3, out_channels=3, latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
        norm_num_groups=4,
    )  # fmt: skip
    text = CLIPTextModel(
        CLIPTextConfig(
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            vocab_size=len(vocabulary),
            max_position_embeddings=16,
            bos_token_id=0,
            eos_token_id=1,
        )
    )
    made = StableDiffusionPipeline(
        vae=vae, text_encoder=text, tokenizer=tokenizer, unet=unet,
        scheduler=DDIMScheduler(steps_offset=1, clip_sample=False),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    made.set_progress_bar_config(disable=True)
    return made


STEPS = {"num_inference_steps": 1, "height": 16, "width": 16}


def test_a_prompt_and_its_picture_are_judged(pipe, pictures):
    guarded = guard_diffusion(pipe, policy="fine", engine=pictures)

    made = guarded("a red house", **STEPS)

    assert made.images[0].size == (16, 16)
    assert [one.stage.value for one in (*made.prompts, *made.verdicts)] == ["input", "output"]
    assert made.nsfw_content_detected == [False]


def test_a_picture_is_left_out_and_its_score_told(pipe, pictures):
    guarded = guard_diffusion(pipe, policy="strict", engine=pictures, on_block="leave out")

    made = guarded("a red house", num_images_per_prompt=2, **STEPS)

    assert made.images == (None, None)
    assert made.nsfw_content_detected == [True, True]
    [report] = made.verdicts[0].reports
    assert 0 <= report.scores["NSFW"] <= 1


def test_a_picture_is_blocked(pipe, pictures):
    with pytest.raises(Blocked, match="blocked the output: unsafe_image"):
        guard_diffusion(pipe, policy="strict", engine=pictures)("a red house", **STEPS)


@pytest.mark.parametrize(
    "asked",
    [
        {"prompt": "zephyr"},
        {"prompt": ["a house", "zephyr"]},
        {"prompt": "a house", "negative_prompt": "zephyr"},
    ],
)
def test_no_prompt_goes_by(pipe, pictures, asked):
    with pytest.raises(Blocked, match="blocked the input"):
        guard_diffusion(pipe, policy="fine", engine=pictures)(**asked, **STEPS)


def test_the_model_gets_the_prompt_as_it_is_passed_on(pipe, pictures, monkeypatch):
    heard = []
    monkeypatch.setattr(
        type(pipe), "check_inputs", lambda _, prompt, *_args, **_options: heard.append(prompt)
    )

    guard_diffusion(pipe, policy="fine", engine=pictures)(["Ada there", "a house"], **STEPS)

    assert heard == [["<KEYWORD> there", "a house"]]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"prompt": "a", "output_type": "np"}, "judged as PIL images"),
        ({"prompt_embeds": [1]}, "'prompt_embeds' cannot be judged"),
        ({"prompt": "a", "image": b"x"}, "'image' is not judged yet"),
        ({}, "there is no prompt"),
    ],
)
def test_what_cannot_be_judged_is_refused(pipe, pictures, options, why):
    with pytest.raises(ContentError, match=why):
        guard_diffusion(pipe, policy="fine", engine=pictures)(**options)


def test_its_own_safety_checker_is_taken_off(pipe, pictures):
    pipe.register_modules(safety_checker=pipe.vae)  # stands for one: any module will do

    guard_diffusion(pipe, policy="fine", engine=pictures)

    assert pipe.safety_checker is None
