// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title GenesisMisfitAnswer, who answers too little or too much
/// @notice Passes each question on to a contract that answers well, and cuts or fills one of the answers to another length.
contract GenesisMisfitAnswer {
    address private immutable _model;
    bytes4 private immutable _question;
    uint256 private immutable _answerLength;

    /// @notice Thrown when the contract that answers well does not know the question.
    error GenesisMisfitAnswer_QuestionUnknown(bytes4 question);

    constructor(address model, bytes4 question, uint256 answerLength) {
        _model = model;
        _question = question;
        _answerLength = answerLength;
    }

    // solhint-disable-next-line no-complex-fallback
    fallback(bytes calldata question) external returns (bytes memory) {
        (bool success, bytes memory answer) = _model.staticcall(question);
        if (!success) revert GenesisMisfitAnswer_QuestionUnknown(bytes4(question));
        if (bytes4(question) != _question) return answer;
        bytes memory misfit = new bytes(_answerLength);
        for (uint256 i = 0; i < _answerLength && i < answer.length; i++) misfit[i] = answer[i];
        return misfit;
    }
}
