// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/result_store.h>

#include <QPlainTextEdit>
#include <QStringDecoder>
#include <QWidget>

class QLabel;
class QTabWidget;
class QTimer;
class QTreeView;

namespace pprocess::widgets {

class ElidedLabel;
class PicturePane;
class ValueModel;

/// Read-only text of any size, taken in piece by piece between turns of the event loop so that the window stays live.
class OutputText : public QPlainTextEdit {
    Q_OBJECT

public:
    explicit OutputText(QWidget* parent = nullptr);

    /// `bytes` must stay what it is for as long as `owner` lives.
    void setBytes(std::shared_ptr<const void> owner, std::string_view bytes);
    [[nodiscard]] bool isComplete() const { return m_rest.empty(); }

    /// Longer lines are broken here: laying out one line of megabytes would hold up the window.
    static constexpr qsizetype longestLine = 10'000;

signals:
    void completed();

private:
    void addPiece();

    std::shared_ptr<const void> m_owner;
    std::string_view m_rest;
    QStringDecoder m_decoder;
    qsizetype m_lineLength = 0;
    QTimer* m_timer;
};

/// All there is to know of one result: how it ended, the command that ran, and its whole output and error output.
class OutputPane : public QWidget {
    Q_OBJECT

public:
    explicit OutputPane(QWidget* parent = nullptr);

    /// `commandLine` is shown as it is; no row: words instead.
    void setResult(ResultRowPtr row, const QString& commandLine);
    [[nodiscard]] const ResultRowPtr& row() const { return m_row; }
    /// Where the relative paths of pictures begin.
    void setFolder(const QString& folder) { m_folder = folder; }

    /// "(no output)", "output cut at 16 MiB: 20 MiB in all" or nothing.
    static QString note(std::size_t kept, std::uint64_t written);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void applyFonts();
    void fill(int tab, OutputText* text, QLabel* note, const QString& title, const std::string& bytes,
              std::uint64_t written);

    void showValue();
    void showPicture();

    ResultRowPtr m_row;
    QString m_folder;
    ElidedLabel* m_title;
    QLabel* m_icon;
    QLabel* m_facts;
    QLabel* m_commandCaption;
    QPlainTextEdit* m_command;
    QTabWidget* m_tabs;
    OutputText* m_output;
    QLabel* m_outputNote;
    OutputText* m_errors;
    QLabel* m_errorsNote;
    ValueModel* m_value;
    QTreeView* m_valueTree;
    PicturePane* m_picture;
    quint64 m_pictureWanted = 0; ///< tells the latest picture asked for from earlier ones
    QLabel* m_empty;
    QWidget* m_content;
};

} // namespace pprocess::widgets
